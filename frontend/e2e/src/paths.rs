//! Where things are.

use std::env;
use std::path::{Path, PathBuf};

/// The root of the source tree.
#[must_use]
pub fn root() -> PathBuf {
    // Cargo says at run time where the crate is; what was compiled in may be stale when a target
    // directory has moved to another checkout.
    let here =
        env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&here).join("../..");
    root.canonicalize()
        .expect("the workspace this test was compiled in is still there")
}

/// Cargo's target directory, as xtask knows it.
#[must_use]
pub fn target_dir() -> PathBuf {
    env::var_os("HUBBUB_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The server to test: `HUBBUB_BIN`, or the one that `cargo xtask run` builds.
pub(crate) fn server() -> PathBuf {
    let path =
        env::var_os("HUBBUB_BIN").map_or_else(|| target_dir().join("quick/hubbub"), PathBuf::from);
    assert!(
        path.is_file(),
        "{} is missing: run `cargo xtask test --only browser`",
        path.display()
    );
    path
}

/// The browser's driver.
pub(crate) fn chromedriver() -> PathBuf {
    env::var_os("CHROMEDRIVER").map_or_else(|| PathBuf::from("chromedriver"), PathBuf::from)
}
