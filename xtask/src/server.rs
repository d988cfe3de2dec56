//! Building the server, and what it needs to know when it is started.

use crate::command;
use crate::paths::Workspace;
use crate::profile::Profile;
use crate::step::{Line, Outcome};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// Tells the backend's build script which folder to embed as the page.
const PAGE_DIR: &str = "HUBBUB_PAGE_DIR";

/// Builds the server; unless it is for `Dev`, with the page of `target/site` inside it.
pub(crate) fn build(workspace: &Workspace, profile: Profile, line: &mut Line) -> Result<Outcome> {
    line.give_way(&format!("profile {}", profile.name()));
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--package", "backend", "--profile", profile.name()])
        .current_dir(&workspace.root);
    match profile {
        Profile::Dev => cargo.env_remove(PAGE_DIR),
        Profile::Quick | Profile::Release => cargo.env(PAGE_DIR, workspace.page()),
    };
    command::run(&mut cargo)?;
    Ok(Outcome::Done)
}

/// The folder for the server's data: the one asked for, or this one in the workspace.
pub(crate) fn data_dir(workspace: &Workspace, asked: Option<&PathBuf>, otherwise: &str) -> PathBuf {
    asked
        .cloned()
        .unwrap_or_else(|| workspace.root.join(otherwise))
}
