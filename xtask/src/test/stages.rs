//! The stages of `cargo xtask test`: what each one needs, and the commands it runs.

use super::count::Count;
use crate::command;
use crate::load;
use crate::page::largest_functions;
use crate::paths::Workspace;
use crate::profile::Profile;
use crate::run::{BUILD_STEPS, PREPARE_STEPS, build, prepare};
use crate::step::Steps;
use crate::tools::{DENY, WASM_TARGET, ensure_browser, ensure_component, ensure_services};
use anyhow::{Context, Result};
use std::fs;
use std::process::Command;

/// The server under test is the one that `cargo xtask run` builds.
const PROFILE: Profile = Profile::Quick;

/// What makes clippy's and rustc's warnings errors.
const WARNINGS_ARE_ERRORS: [&str; 3] = ["--", "-D", "warnings"];

pub(super) fn fmt(workspace: &Workspace) -> Result<()> {
    ensure_component(workspace, "rustfmt", "fmt")?;
    command::run(&mut cargo(workspace, &["fmt", "--all", "--check"]))
}

/// The frontend compiles for the browser only; `common` must compile for both, and the client library
/// without TLS, too.
pub(super) fn clippy(workspace: &Workspace) -> Result<()> {
    ensure_component(workspace, "clippy", "clippy")?;
    prepare_wasm(workspace)?;
    let native = [
        "clippy",
        "--workspace",
        "--exclude",
        "frontend",
        "--all-targets",
    ];
    let common = [
        "clippy",
        "--package",
        "common",
        "--lib",
        "--target",
        WASM_TARGET,
    ];
    let page = [
        "clippy",
        "--package",
        "frontend",
        "--all-targets",
        "--target",
        WASM_TARGET,
    ];
    let client = [
        "clippy",
        "--package",
        "hubbub-client",
        "--no-default-features",
    ];
    for arguments in [&native[..], &common, &client, &page] {
        command::run(cargo(workspace, arguments).args(WARNINGS_ARE_ERRORS))?;
    }
    Ok(())
}

pub(super) fn tidy(workspace: &Workspace) -> Result<()> {
    crate::tidy::check_tree(&workspace.root)
}

/// The database of known faults is on the network; where it cannot be had, that is said, and the
/// rest is checked.
pub(super) fn deny(workspace: &Workspace) -> Result<()> {
    Steps::new(1).step(&DENY.title(), |line| DENY.ensure(workspace, line))?;
    let deny = |arguments: &[&str]| {
        let mut command = Command::new(DENY.path(workspace));
        command.args(["--log-level", "error"]).args(arguments);
        command.current_dir(&workspace.root);
        command
    };
    command::run(&mut deny(&["check", "bans", "licenses", "sources"]))?;
    if !command::succeeds(&mut deny(&["fetch", "db"])) {
        println!("the database of advisories cannot be fetched: known faults were NOT looked for");
        return Ok(());
    }
    command::run(&mut deny(&["check", "--disable-fetch", "advisories"]))
}

pub(super) fn native(workspace: &Workspace, count: &mut Count) -> Result<()> {
    let packages = [
        "--package",
        "common",
        "--package",
        "backend",
        "--package",
        "hubbub-client",
        "--package",
        "load",
        "--package",
        "services",
        "--package",
        "simulation",
        "--package",
        "split",
        "--package",
        "xtask",
    ];
    ensure_services()?;
    let first = count.run(cargo(workspace, &["test", "--no-fail-fast"]).args(packages));
    // What talks to a whole server runs a second time, with the other store.
    let mut again = cargo(workspace, &["test", "--no-fail-fast"]);
    again.args([
        "--package",
        "backend",
        "--package",
        "hubbub-client",
        "--test",
        "server",
    ]);
    first.and(count.run(again.env("HUBBUB_TEST_STORE", "postgres")))
}

/// Half a minute of faults on the real server, and as much on several nodes. A failing run prints its seed.
pub(super) fn chaos(workspace: &Workspace, count: &mut Count) -> Result<()> {
    load::build_server(workspace, PROFILE)?;
    ensure_services()?;
    let [one_node, several] = &mut load::short_chaos(workspace, PROFILE);
    let first = count.run(one_node);
    first.and(count.run(several))
}

/// Every scenario of the load generator, small, on the real server.
pub(super) fn load(workspace: &Workspace, count: &mut Count) -> Result<()> {
    load::build_server(workspace, PROFILE)?;
    count.run(&mut load::smoke(workspace, PROFILE))
}

/// Chromium is started by the runner of wasm-bindgen, with the flags in `frontend/webdriver.json`.
pub(super) fn wasm(workspace: &Workspace, count: &mut Count) -> Result<()> {
    let driver = ensure_browser()?;
    prepare_wasm(workspace)?;
    let mut tests = cargo(
        workspace,
        &["test", "--no-fail-fast", "--package", "frontend"],
    );
    tests
        .args(["--target", WASM_TARGET])
        .env("PATH", workspace.path_with_tools()?)
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            "wasm-bindgen-test-runner",
        )
        .env("CHROMEDRIVER", driver)
        // A test that forgets to ask for a browser must fail, not run in something else.
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    count.run(&mut tests)
}

pub(super) fn browser(workspace: &Workspace, count: &mut Count) -> Result<()> {
    count.run(browser_tests(workspace)?.arg("--no-fail-fast"))
}

/// The bytes that a user waits for, by file, and where they come from.
pub(super) fn page(workspace: &Workspace, count: &mut Count) -> Result<()> {
    let arguments = ["--test", "first_load", "--", "--ignored", "--nocapture"];
    let measured = count.run(browser_tests(workspace)?.args(arguments));
    println!("\nThe largest functions of what is loaded first, in bytes before compression:");
    let path = largest_functions(workspace);
    let list = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    println!("{list}");
    measured
}

/// The command that runs tests of the real server and page in real Chromium.
fn browser_tests(workspace: &Workspace) -> Result<Command> {
    let driver = ensure_browser()?;
    build(workspace, PROFILE, &mut Steps::new(BUILD_STEPS))?;
    let mut tests = cargo(workspace, &["test", "--package", "e2e"]);
    tests
        .env("HUBBUB_BIN", workspace.server(PROFILE))
        .env("HUBBUB_TARGET_DIR", &workspace.target)
        .env("CHROMEDRIVER", driver);
    Ok(tests)
}

fn prepare_wasm(workspace: &Workspace) -> Result<()> {
    prepare(workspace, &mut Steps::new(PREPARE_STEPS))
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(&workspace.root);
    command
}
