//! Building the server, and what it needs to know when it is started.

use crate::command;
use crate::paths::Workspace;
use crate::step::{Line, Outcome};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// Tells the backend's build script which folder to embed as the page.
const PAGE_DIR: &str = "HUBBUB_PAGE_DIR";

/// The profiles of the root Cargo.toml that the server is built with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Without optimization, and without the page.
    Dev,
    /// Optimized, and compiled in a fraction of the time that `Release` takes.
    Quick,
    /// Optimized as far as it goes: for installations and for benchmarks.
    Release,
}

impl Profile {
    /// Cargo's name for the profile.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Quick => "quick",
            Self::Release => "release",
        }
    }

    /// Cargo's name for the profile's folder in the target directory.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Quick | Self::Release => self.name(),
        }
    }
}

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
