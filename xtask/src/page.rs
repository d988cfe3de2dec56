//! Building the page with Trunk, and leaving it out when nothing it is made of has changed.

use crate::command;
use crate::fingerprint::fingerprint;
use crate::paths::Workspace;
use crate::step::{Line, Outcome};
use crate::tools::{TRUNK, WASM_BINDGEN};
use anyhow::{Context, Result};
use std::fs;
use std::process::Command;

/// What the page is made of, relative to the root.
const INPUTS: &[&str] = &[
    "frontend",
    "common",
    "Cargo.toml",
    "Trunk.toml",
    "rust-toolchain.toml",
    ".cargo/config.toml",
];

/// An input as well, and the one that a build may bring up to date by itself.
const LOCK: &str = "Cargo.lock";

/// What lies there and is not in the page.
const NOT_IN_THE_PAGE: &[&str] = &[
    "frontend/e2e",
    "frontend/tests",
    "common/tests",
    "common/fuzz",
    "common/benches",
];

/// Builds the page in release into `target/site`.
pub(crate) fn build(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    let sources = sources(workspace)?;
    let stamp = workspace.target.join("page.stamp");
    let built = fs::read_to_string(&stamp).unwrap_or_default();
    if built == stamp_of(workspace, &sources)? && workspace.page().join("index.html").is_file() {
        return Ok(Outcome::Nothing("unchanged"));
    }
    line.give_way("release, for size: a minute or two after a change");
    // No stamp while the folder is in pieces: an interrupted build must not pass for a whole one.
    let _ = fs::remove_file(&stamp);
    command::run(
        trunk(workspace)?
            .args(["build", "--release", "--dist"])
            .arg(workspace.page()),
    )?;
    // What was edited while it was built is not in the page, or half of it.
    if sources == self::sources(workspace)? {
        let built = stamp_of(workspace, &sources)?;
        fs::write(&stamp, built).with_context(|| format!("writing {}", stamp.display()))?;
    }
    Ok(Outcome::Done)
}

/// The fingerprint of what only people change.
fn sources(workspace: &Workspace) -> Result<String> {
    let versions = [TRUNK.version, WASM_BINDGEN.version];
    fingerprint(&workspace.root, INPUTS, NOT_IN_THE_PAGE, &versions)
}

fn stamp_of(workspace: &Workspace, sources: &str) -> Result<String> {
    fingerprint(&workspace.root, &[LOCK], &[], &[sources])
}

/// Trunk, ready for a subcommand: the pinned one, with the pinned wasm-bindgen before any other.
pub(crate) fn trunk(workspace: &Workspace) -> Result<Command> {
    let mut command = Command::new(workspace.tools().join("bin/trunk"));
    command
        .current_dir(&workspace.root)
        .env("PATH", workspace.path_with_tools()?)
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
        // Trunk reads these two its own way: RUST_LOG as a flag that shuts out others, and
        // NO_COLOR as `true` or `false`, so that the customary NO_COLOR=1 makes it refuse to start.
        .env_remove("RUST_LOG")
        .env_remove("NO_COLOR")
        // A page that does not compile is no reason for a hundred lines of Trunk's own stack.
        .env_remove("RUST_BACKTRACE");
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        command.env("TRUNK_COLOR", "never");
    }
    Ok(command)
}
