//! Where things are: the workspace, and what xtask keeps under cargo's target directory.

use crate::command;
use crate::profile::Profile;
use anyhow::{Context, Result};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders that the commands agree on.
pub(crate) struct Workspace {
    /// The root of the source tree.
    pub(crate) root: PathBuf,
    /// Cargo's target directory, wherever the environment or a config file has put it.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo where the workspace is.
    pub(crate) fn find() -> Result<Self> {
        // `cargo run` says where this crate is; what was compiled in may be stale when a target
        // directory has moved to another checkout.
        let here = env::var_os("CARGO_MANIFEST_DIR");
        let here = here.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let manifest = Path::new(&here).join("../Cargo.toml");
        let output = command::output(
            Command::new("cargo")
                .args([
                    "metadata",
                    "--no-deps",
                    "--format-version",
                    "1",
                    "--manifest-path",
                ])
                .arg(&manifest),
        )?;
        let metadata: serde_json::Value =
            serde_json::from_str(&output).context("reading what `cargo metadata` says")?;
        let folder = |key: &str| {
            let path = metadata.get(key).and_then(serde_json::Value::as_str);
            path.map(PathBuf::from)
                .with_context(|| format!("`cargo metadata` names no {key}"))
        };
        Ok(Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
        })
    }

    /// Where Trunk and wasm-bindgen are installed, `bin` beneath it.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The page in release, as the server embeds it. Not in `page`: cargo keeps there what it compiles
    /// for the profile of that name, and Trunk empties the folder.
    pub(crate) fn page(&self) -> PathBuf {
        self.target.join("site")
    }

    /// The server's program, as built with this profile.
    pub(crate) fn server(&self, profile: Profile) -> PathBuf {
        self.target.join(profile.folder()).join("hubbub")
    }

    /// `PATH` with the pinned tools before everything else, as Trunk takes wasm-bindgen from it.
    pub(crate) fn path_with_tools(&self) -> Result<OsString> {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.tools().join("bin")).chain(env::split_paths(&inherited));
        env::join_paths(folders).context("the target directory's path cannot stand in PATH")
    }
}

/// The first program of these names on `PATH`.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|candidate| candidate.is_file())
}
