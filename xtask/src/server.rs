//! Building the server, and what it needs to know when it is started.

use crate::command;
use crate::paths::Workspace;
use crate::step::{Line, Outcome};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// Tells the backend's build script which folder to embed as the page.
const PAGE_DIR: &str = "HUBBUB_PAGE_DIR";

/// Builds the release server with the page of `target/site` inside it.
pub(crate) fn build_release(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    line.give_way("release");
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--release", "--package", "backend"])
        .env(PAGE_DIR, workspace.page())
        .current_dir(&workspace.root);
    command::run(&mut cargo)?;
    Ok(Outcome::Done)
}

/// Builds the debug server, which has no page.
pub(crate) fn build_debug(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    line.give_way("debug");
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--package", "backend"])
        .env_remove(PAGE_DIR)
        .current_dir(&workspace.root);
    command::run(&mut cargo)?;
    Ok(Outcome::Done)
}

/// The folder for the server's data: the one asked for, or this one in the workspace.
pub(crate) fn data_dir(workspace: &Workspace, asked: Option<&PathBuf>, otherwise: &str) -> PathBuf {
    asked
        .cloned()
        .unwrap_or_else(|| workspace.root.join(otherwise))
}
