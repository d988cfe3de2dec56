//! `cargo xtask load` and `cargo xtask chaos`: the real server under the load and the faults of the
//! `load` crate. Figures are taken with the profile `release`; tests use `quick`.

use crate::paths::Workspace;
use crate::profile::Profile;
use crate::step::Steps;
use crate::{command, server};
use anyhow::{Context, Result};
use clap::Args;
use std::process::{Command, ExitCode};

/// Put load on the real server: `fan-out`, `chat`, `echo`, `idle`, `storm`, `presence`,
/// `slow-readers`, `durable`, `mass-return`, `scaling`, `cluster`; each explains itself with `--help`.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct LoadArguments {
    /// The scenario and its options.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Kill the server and break the network under writing clients, and check that nothing is lost.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct ChaosArguments {
    /// Options, see `--help`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs `cargo xtask load`.
pub(crate) fn load(workspace: &Workspace, arguments: &LoadArguments) -> Result<ExitCode> {
    run(workspace, Profile::Release, &arguments.arguments)
}

/// Runs `cargo xtask chaos`.
pub(crate) fn chaos(workspace: &Workspace, arguments: &ChaosArguments) -> Result<ExitCode> {
    let chaos = std::iter::once("chaos".to_owned());
    let all: Vec<String> = chaos.chain(arguments.arguments.iter().cloned()).collect();
    run(workspace, Profile::Quick, &all)
}

fn run(workspace: &Workspace, profile: Profile, arguments: &[String]) -> Result<ExitCode> {
    build_server(workspace, profile)?;
    let mut load = program(workspace, profile);
    load.args(arguments);
    let status = load
        .status()
        .map_err(|error| command::not_started(&load, &error))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The short runs of chaos, with one node and with several, to be counted among the tests. The server
/// must have been built.
pub(crate) fn short_chaos(workspace: &Workspace, profile: Profile) -> [Command; 2] {
    [
        &["chaos", "--short"][..],
        &["chaos", "--short", "--cluster"],
    ]
    .map(|arguments| {
        let mut chaos = program(workspace, profile);
        chaos.args(arguments);
        chaos
    })
}

/// Every scenario in small, as tests; they mostly wait, so they run side by side. The server must
/// have been built.
pub(crate) fn smoke(workspace: &Workspace, profile: Profile) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["test", "--package", "load", "--test", "smoke"])
        .args(["--profile", profile.name()])
        .args(["--", "--ignored", "--test-threads", "8"])
        .env("HUBBUB_BIN", workspace.server(profile))
        .current_dir(&workspace.root);
    cargo
}

/// Builds the server with the page that was built last, or without one where none was.
pub(crate) fn build_server(workspace: &Workspace, profile: Profile) -> Result<()> {
    let page = workspace.page();
    std::fs::create_dir_all(&page).with_context(|| format!("making {}", page.display()))?;
    Steps::new(1).step("Building the server", |line| {
        server::build(workspace, profile, line)
    })
}

/// The load generator, ready for a scenario.
fn program(workspace: &Workspace, profile: Profile) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["run", "--quiet", "--package", "load"])
        .args(["--profile", profile.name(), "--"])
        .env("HUBBUB_BIN", workspace.server(profile))
        // The last runs are kept there, to be compared with.
        .env("HUBBUB_TARGET_DIR", &workspace.target)
        .current_dir(&workspace.root);
    cargo
}
