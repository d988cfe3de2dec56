//! `cargo xtask run`: from a fresh checkout to a running hub, and again in seconds.

use crate::paths::Workspace;
use crate::profile::Profile;
use crate::step::{Outcome, Steps};
use crate::supervise::Supervisor;
use crate::tools::{self, TRUNK, WASM_BINDGEN};
use crate::{health, page, server};
use anyhow::Result;
use clap::Args;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// How many steps [`build`] takes.
pub(crate) const BUILD_STEPS: usize = 5;

/// A first start creates the database; even a slow disk does that in this time.
const START_TIME_MAX: Duration = Duration::from_secs(30);

/// Build the page and the server and start the server.
#[derive(Args)]
pub(crate) struct RunArguments {
    /// Build the server with the profile for installations and benchmarks; that takes minutes.
    #[arg(long)]
    release: bool,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value_t = Ipv4Addr::LOCALHOST.into())]
    host: IpAddr,
    /// Folder for the database [default: data, in the workspace].
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// More arguments for `hubbub serve`.
    #[arg(last = true)]
    serve: Vec<String>,
}

/// Runs the command until Ctrl-C.
pub(crate) fn run(workspace: &Workspace, arguments: &RunArguments) -> Result<ExitCode> {
    let port = health::free_port(arguments.host, arguments.port, "--port")?;
    let data = server::data_dir(workspace, arguments.data_dir.as_ref(), "data");
    let mut steps = Steps::new(BUILD_STEPS + 1);
    let profile = if arguments.release {
        Profile::Release
    } else {
        Profile::Quick
    };
    build(workspace, profile, &mut steps)?;

    let mut supervisor = Supervisor::new()?;
    let address = health::reachable(arguments.host, port);
    steps.step("Starting the server", |line| {
        line.give_way(&format!("data in {}", data.display()));
        let mut serve = Command::new(workspace.server(profile));
        serve
            .arg("serve")
            .arg("--host")
            .arg(arguments.host.to_string());
        serve
            .arg("--port")
            .arg(port.to_string())
            .arg("--data-dir")
            .arg(&data);
        supervisor.start("the server", serve.args(&arguments.serve))?;
        let ready = || health::answers(address, "/health");
        supervisor.wait_until("an answer from /health", START_TIME_MAX, ready)?;
        Ok(Outcome::Done)
    })?;
    println!("\nHubbub is ready: open http://{address} (Ctrl-C ends it)\n");
    supervisor.until_end()?;
    println!("Hubbub has ended.");
    Ok(ExitCode::SUCCESS)
}

/// Builds the page and the server, with everything that is needed to build them.
pub(crate) fn build(workspace: &Workspace, profile: Profile, steps: &mut Steps) -> Result<()> {
    prepare(workspace, steps)?;
    steps.step("Building the page", |line| page::build(workspace, line))?;
    steps.step("Building the server", |line| {
        server::build(workspace, profile, line)
    })
}

/// How many steps [`prepare`] takes.
pub(crate) const PREPARE_STEPS: usize = 3;

/// What compiling for the browser needs: the target, Trunk, wasm-bindgen.
pub(crate) fn prepare(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    let target = format!("Finding the {} target", tools::WASM_TARGET);
    steps.step(&target, |line| tools::ensure_wasm_target(workspace, line))?;
    for tool in [TRUNK, WASM_BINDGEN] {
        steps.step(&tool.title(), |line| tool.ensure(workspace, line))?;
    }
    Ok(())
}
