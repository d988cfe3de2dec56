//! The programs that the project needs beside cargo: found when present in the right version,
//! installed when not.

use crate::command;
use crate::paths::{Workspace, on_path};
use crate::step::{Line, Outcome};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The bundler of the page. 0.22 needs a newer compiler than the pinned one.
pub(crate) const TRUNK: Tool = Tool {
    krate: "trunk",
    program: "trunk",
    beside: &[],
    version: "0.21.14",
    features: &["--no-default-features", "--features", "rustls"],
    minutes: 3,
};

/// Must be the very version of the `wasm-bindgen` crate in the root Cargo.toml.
pub(crate) const WASM_BINDGEN: Tool = Tool {
    krate: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    beside: &["wasm-bindgen-test-runner"],
    version: "0.2.129",
    features: &[],
    minutes: 1,
};

/// What looks at dependencies: licences, sources, known faults.
pub(crate) const DENY: Tool = Tool {
    krate: "cargo-deny",
    program: "cargo-deny",
    beside: &[],
    version: "0.20.2",
    features: &[],
    minutes: 2,
};

/// What builds and runs fuzz targets.
pub(crate) const FUZZ: Tool = Tool {
    krate: "cargo-fuzz",
    program: "cargo-fuzz",
    beside: &[],
    version: "0.13.2",
    features: &[],
    minutes: 1,
};

/// What the page is compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program that cargo can install, in one pinned version.
pub(crate) struct Tool {
    krate: &'static str,
    program: &'static str,
    /// Other programs of the same package that are needed.
    beside: &'static [&'static str],
    /// The only version that will do.
    pub(crate) version: &'static str,
    features: &'static [&'static str],
    /// About how long the installation takes on two cores, to be said beforehand.
    minutes: u32,
}

impl Tool {
    /// Installs the tool under `target/tools`, unless this very version is there or on `PATH`.
    pub(crate) fn ensure(&self, workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
        if self.find(workspace).is_some() {
            return Ok(Outcome::Nothing("already there"));
        }
        let minutes = self.minutes;
        line.give_way(&format!("installing, about {minutes} min the first time"));
        command::run(
            Command::new("cargo")
                // Debug, and without what only a debugger needs: these run for seconds, and compile
                // in a third of the time.
                .env("CARGO_PROFILE_DEV_DEBUG", "0")
                .env("CARGO_PROFILE_DEV_INCREMENTAL", "false")
                .args(["install", self.krate, "--locked", "--debug", "--force"])
                .args(["--version", self.version, "--root"])
                .arg(workspace.tools())
                .args(self.features)
                .current_dir(&workspace.root),
        )?;
        match installed_version(&self.own_path(workspace)) {
            Some(version) if version == self.version => Ok(Outcome::Done),
            other => bail!(
                "{} {} was installed, yet it says {other:?}",
                self.krate,
                self.version
            ),
        }
    }

    /// Where it is, once [`Tool::ensure`] has found or installed it.
    pub(crate) fn path(&self, workspace: &Workspace) -> PathBuf {
        self.find(workspace)
            .unwrap_or_else(|| self.own_path(workspace))
    }

    /// Where it is installed.
    fn own_path(&self, workspace: &Workspace) -> PathBuf {
        workspace.tools().join("bin").join(self.program)
    }

    /// The program in this very version: an own one, or one on `PATH` with what belongs to it beside it.
    fn find(&self, workspace: &Workspace) -> Option<PathBuf> {
        let candidates = [Some(self.own_path(workspace)), on_path(&[self.program])];
        let mut candidates = candidates.into_iter().flatten();
        candidates.find(|program| self.is_at(program))
    }

    fn is_at(&self, program: &Path) -> bool {
        let mut beside = self.beside.iter();
        installed_version(program).as_deref() == Some(self.version)
            && beside.all(|other| program.with_file_name(other).is_file())
    }

    /// The title of the step that looks for the tool.
    pub(crate) fn title(&self) -> String {
        format!("Finding {} {}", self.krate, self.version)
    }
}

/// What a program answers to `--version`, without its name.
fn installed_version(program: &Path) -> Option<String> {
    if !program.is_file() {
        return None;
    }
    let answer = command::output(Command::new(program).arg("--version")).ok()?;
    answer.split_whitespace().nth(1).map(str::to_owned)
}

/// Adds the compiler's wasm target when its library is not there.
pub(crate) fn ensure_wasm_target(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    let library = command::output(
        Command::new("rustc")
            .args(["--print", "target-libdir", "--target", WASM_TARGET])
            .current_dir(&workspace.root),
    )?;
    if Path::new(library.trim()).is_dir() {
        return Ok(Outcome::Nothing("already there"));
    }
    line.give_way("installing");
    rustup(workspace, &["target", "add", WASM_TARGET])?;
    Ok(Outcome::Done)
}

/// Adds a component such as `clippy` when cargo does not know the command it brings.
pub(crate) fn ensure_component(workspace: &Workspace, component: &str, cargo: &str) -> Result<()> {
    let mut probe = Command::new("cargo");
    if command::succeeds(
        probe
            .args([cargo, "--version"])
            .current_dir(&workspace.root),
    ) {
        return Ok(());
    }
    rustup(workspace, &["component", "add", component])
}

fn rustup(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let wanted = arguments.join(" ");
    command::run(
        Command::new("rustup")
            .args(arguments)
            .current_dir(&workspace.root),
    )
    .with_context(|| format!("this toolchain lacks something: `rustup {wanted}`"))
}

/// The browser's driver, installed with the browser from Debian's packages where that is possible.
pub(crate) fn ensure_browser() -> Result<PathBuf> {
    const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];
    ensure_packages(
        "Chromium and its driver",
        || on_path(BROWSERS).and(on_path(&["chromedriver"])),
        // The emoji font, so that a screenshot shows what a user would see.
        &["chromium", "chromium-driver", "fonts-noto-color-emoji"],
        "elsewhere install Chrome and the chromedriver of the same version",
    )
}

/// The servers that tests start: PostgreSQL, Redis and nginx.
pub(crate) fn ensure_services() -> Result<()> {
    let found = || {
        let own = Path::new("/usr/lib/postgresql");
        on_path(&["initdb"]).or_else(|| own.is_dir().then(|| own.to_owned()))
    };
    ensure_packages(
        "nginx",
        || {
            let own = Path::new("/usr/sbin/nginx");
            on_path(&["nginx"]).or_else(|| own.is_file().then(|| own.to_owned()))
        },
        &["nginx-light"],
        "elsewhere install nginx, with `nginx` on PATH",
    )?;
    ensure_packages(
        "Redis",
        || on_path(&["redis-server"]),
        &["redis-server"],
        "elsewhere install Redis 7 or later, with `redis-server` on PATH",
    )?;
    ensure_packages(
        "PostgreSQL",
        || found().and(on_path(&["psql"])),
        &["postgresql", "postgresql-client"],
        "elsewhere install PostgreSQL 14 or later, with `initdb`, `postgres` and `psql` on PATH",
    )?;
    Ok(())
}

/// What is found, installed from Debian's packages first where that is needed and possible.
fn ensure_packages(
    what: &str,
    found: impl Fn() -> Option<PathBuf>,
    packages: &[&str],
    elsewhere: &str,
) -> Result<PathBuf> {
    if let Some(path) = found() {
        return Ok(path);
    }
    let list = packages.join(" ");
    let root = command::output(Command::new("id").arg("-u"))?.trim() == "0";
    if !root || on_path(&["apt-get"]).is_none() {
        bail!(
            "the tests need {what}, which is not installed. On Debian, as root: \
             `apt-get install {list}`; {elsewhere}"
        );
    }
    println!("Installing {what} from the system's packages");
    apt_get(&["update"])?;
    let install = ["install", "--yes", "--no-install-recommends"];
    apt_get(&[&install[..], packages].concat())?;
    found().with_context(|| format!("apt-get has installed {list}, yet {what} is not found"))
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    command::run(
        Command::new("apt-get")
            .arg("-q")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            // Services that come with a package are not started: tests start their own.
            .env("RUNLEVEL", "1"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    const SAMPLE: Tool = Tool {
        krate: "sample",
        program: "sample",
        beside: &["sample-runner"],
        version: "1.2.3",
        features: &[],
        minutes: 1,
    };

    #[test]
    fn only_the_pinned_version_with_all_its_programs_will_do() {
        for (answer, beside, expected) in [
            ("sample 1.2.3", true, true),
            ("sample 1.2.3 (abc 2026-01-01)", true, true),
            ("sample 1.2.3", false, false),
            ("sample 1.2.4", true, false),
            ("sample", true, false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let program = folder.path().join("sample");
            fs::write(&program, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
            if beside {
                fs::write(folder.path().join("sample-runner"), "").unwrap();
            }
            assert_eq!(SAMPLE.is_at(&program), expected, "{answer} {beside}");
        }
        assert!(!SAMPLE.is_at(Path::new("no/such/sample")));
    }
}
