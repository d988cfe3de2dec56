//! Building the page with Trunk, and leaving it out when nothing it is made of has changed.

use crate::command;
use crate::fingerprint::fingerprint;
use crate::paths::Workspace;
use crate::profile::Profile;
use crate::step::{Line, Outcome};
use crate::tools::{TRUNK, WASM_BINDGEN, WASM_TARGET};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
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
            .args(["build", "--release", "--features", "split", "--dist"])
            .arg(workspace.page())
            // The splitter needs names; it removes them.
            .env("CARGO_PROFILE_PAGE_STRIP", "none"),
    )?;
    split(workspace)?;
    // What was edited while it was built is not in the page, or half of it.
    if sources == self::sources(workspace)? {
        let built = stamp_of(workspace, &sources)?;
        fs::write(&stamp, built).with_context(|| format!("writing {}", stamp.display()))?;
    }
    Ok(Outcome::Done)
}

/// Cuts the page that Trunk has built into what is loaded first and what is fetched later.
fn split(workspace: &Workspace) -> Result<()> {
    let profile = Profile::Dev;
    command::run(
        Command::new("cargo")
            .args(["build", "--quiet", "--package", "split", "--profile"])
            .arg(profile.name())
            .current_dir(&workspace.root),
    )?;
    let linked = format!("{WASM_TARGET}/page/frontend.wasm");
    command::run(
        Command::new(workspace.target.join(profile.folder()).join("split"))
            .arg(workspace.target.join(linked))
            .arg(workspace.page())
            .arg(WASM_BINDGEN.path(workspace))
            .arg(largest_functions(workspace))
            .current_dir(&workspace.root),
    )
}

/// Where a build of the page lists the largest functions of what is loaded first.
pub(crate) fn largest_functions(workspace: &Workspace) -> PathBuf {
    workspace.target.join("page-functions.txt")
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
    let mut command = Command::new(TRUNK.path(workspace));
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
