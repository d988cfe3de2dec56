//! `cargo xtask dev`: the backend beside `trunk serve`. An edit in `frontend/` or `common/` reloads
//! the page; an edit in `backend/` takes effect when the command is started again.

use crate::paths::Workspace;
use crate::profile::Profile;
use crate::run::{PREPARE_STEPS, prepare};
use crate::step::{Outcome, Steps};
use crate::supervise::Supervisor;
use crate::{health, page, server};
use anyhow::{Context, Result, ensure};
use clap::Args;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The two addresses in `Trunk.toml`, to be replaced by those that are asked for.
const BACKEND_IN_TRUNK_TOML: &str = "127.0.0.1:8080";
const PAGE_IN_TRUNK_TOML: &str = "127.0.0.1:3000";

const START_TIME_MAX: Duration = Duration::from_secs(30);

/// The first build of the page compiles Leptos and everything under it.
const FIRST_PAGE_TIME_MAX: Duration = Duration::from_secs(20 * 60);

/// Start the backend beside `trunk serve`: an edit reloads the page.
#[derive(Args)]
pub(crate) struct DevArguments {
    /// Port of the backend; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port to open in the browser; 0 takes a free one.
    #[arg(long, default_value_t = 3000)]
    page_port: u16,
    /// Folder for the backend's database [default: data/dev, in the workspace].
    #[arg(long)]
    data_dir: Option<PathBuf>,
}

/// Runs the loop until Ctrl-C or until one of the two ends.
pub(crate) fn dev(workspace: &Workspace, arguments: &DevArguments) -> Result<ExitCode> {
    let port = health::free_port(LOOPBACK, arguments.port, "--port")?;
    let page_port = health::free_port(LOOPBACK, arguments.page_port, "--page-port")?;
    let data = server::data_dir(workspace, arguments.data_dir.as_ref(), "data/dev");
    let mut steps = Steps::new(PREPARE_STEPS + 3);
    prepare(workspace, &mut steps)?;
    steps.step("Building the backend", |line| {
        server::build(workspace, Profile::Dev, line)
    })?;

    let mut supervisor = Supervisor::new()?;
    let backend = SocketAddr::new(LOOPBACK, port);
    steps.step("Starting the backend", |line| {
        line.give_way(&format!("data in {}", data.display()));
        supervisor.start("the backend", &mut serve(workspace, backend, &data))?;
        let ready = || health::answers(backend, "/health");
        supervisor.wait_until("an answer from /health", START_TIME_MAX, ready)?;
        Ok(Outcome::Done)
    })?;
    let page = SocketAddr::new(LOOPBACK, page_port);
    // Neither the release page nor that of another loop.
    let folder = workspace.target.join(format!("dev-{page_port}"));
    steps.step("Starting trunk serve", |line| {
        line.give_way("debug: a minute or two the first time");
        let mut trunk = trunk_serve(workspace, &folder, page, backend)?;
        supervisor.start("trunk", &mut trunk)?;
        // Trunk answers after its first build, even when that has failed.
        let ready = || health::responds(page, "/");
        supervisor.wait_until("the page", FIRST_PAGE_TIME_MAX, ready)?;
        Ok(Outcome::Done)
    })?;
    if !health::answers(page, "/") {
        println!("\nThe page could not be built, see above. Mend it: every edit builds it again.");
    }
    println!("\nOpen http://{page} (Ctrl-C ends it). Edits in frontend/ and common/ reload the");
    println!("page; after an edit in backend/ start this command again.\n");
    let ended = supervisor.until_end();
    // What it holds is built anew by the next start, from what cargo keeps.
    let _ = fs::remove_dir_all(&folder);
    ended?;
    println!("The development loop has ended.");
    Ok(ExitCode::SUCCESS)
}

fn serve(workspace: &Workspace, backend: SocketAddr, data: &Path) -> Command {
    let mut serve = Command::new(workspace.server(Profile::Dev));
    serve.args(["serve", "--no-page", "--host", &backend.ip().to_string()]);
    serve
        .args(["--port", &backend.port().to_string()])
        .arg("--data-dir")
        .arg(data);
    serve
}

fn trunk_serve(
    workspace: &Workspace,
    folder: &Path,
    page: SocketAddr,
    backend: SocketAddr,
) -> Result<Command> {
    let root = &workspace.root;
    let mut trunk = page::trunk(workspace)?;
    trunk.arg("serve").arg(root.join("frontend/index.html"));
    trunk
        .arg("--config")
        .arg(trunk_config(root, folder, page, backend)?);
    trunk.arg("--dist").arg(folder.join("page"));
    trunk.args([
        "--port",
        &page.port().to_string(),
        "--address",
        &page.ip().to_string(),
    ]);
    for watched in ["frontend", "common"] {
        trunk.arg("--watch").arg(root.join(watched));
    }
    // Not in the page, and the browser tests must be free to write there.
    for ignored in ["frontend/e2e", "frontend/tests"].map(|path| root.join(path)) {
        if ignored.exists() {
            trunk.arg("--ignore").arg(ignored);
        }
    }
    Ok(trunk)
}

/// Trunk takes its proxies from a file alone, and paths in a file are relative to it. So the file is
/// copied with the ports put in, and every path is given on the command line.
fn trunk_config(
    root: &Path,
    folder: &Path,
    page: SocketAddr,
    backend: SocketAddr,
) -> Result<PathBuf> {
    let text = fs::read_to_string(root.join("Trunk.toml")).context("reading Trunk.toml")?;
    let replacements = [
        (BACKEND_IN_TRUNK_TOML, "{backend}"),
        (PAGE_IN_TRUNK_TOML, "{page}"),
    ];
    let mut config = text;
    // By way of names: the port of one may be the usual port of the other.
    for (address, name) in replacements {
        ensure!(
            config.contains(address),
            "Trunk.toml has lost {address}; see xtask/src/dev.rs"
        );
        config = config.replace(address, name);
    }
    let config = config
        .replace("{backend}", &backend.to_string())
        .replace("{page}", &page.to_string());

    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let path = folder.join("Trunk.toml");
    fs::write(&path, config).with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}
