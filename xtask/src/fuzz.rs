//! `cargo xtask fuzz`: every decoder that faces the network, fed with whatever a fuzzer thinks of.
//!
//! The targets are crates of their own, in `common/fuzz` and `backend/fuzz`, and no part of the
//! workspace. Without a sanitizer they build with the pinned compiler; there is no `unsafe` in them
//! for one to watch.

use crate::command;
use crate::paths::Workspace;
use crate::step::Steps;
use crate::tools::FUZZ;
use anyhow::{Result, bail};
use clap::Args;
use std::process::{Command, ExitCode};

/// Every target, and the crate it belongs to.
const TARGETS: [(&str, &str); 6] = [
    ("common", "client_frame"),
    ("common", "server_frame"),
    ("common", "publish"),
    ("backend", "websocket"),
    ("backend", "forwarded"),
    ("backend", "first_request"),
];

/// Fuzz what reads the network.
#[derive(Args)]
pub(crate) struct FuzzArguments {
    /// Only this target, such as `client_frame`.
    target: Option<String>,
    /// For so many seconds each.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    seconds: u32,
}

/// Runs the targets one after the other; what breaks one is left in its `artifacts`.
pub(crate) fn fuzz(workspace: &Workspace, arguments: &FuzzArguments) -> Result<ExitCode> {
    let wanted = |name: &str| {
        let only = arguments.target.as_deref();
        only.is_none_or(|only| only == name)
    };
    let targets: Vec<_> = TARGETS.iter().filter(|(_, name)| wanted(name)).collect();
    if targets.is_empty() {
        let names: Vec<_> = TARGETS.iter().map(|(_, name)| *name).collect();
        bail!("there is no such target; there are {}", names.join(", "));
    }
    Steps::new(1).step(&FUZZ.title(), |line| FUZZ.ensure(workspace, line))?;
    for (krate, name) in targets {
        println!("\n== {krate}: {name} ==");
        command::run(
            Command::new(FUZZ.path(workspace))
                .args(["run", "--sanitizer", "none", name, "--"])
                .arg(format!("-max_total_time={}", arguments.seconds))
                // Its dictionary of findings is of no use to a reader.
                .arg("-verbosity=0")
                .current_dir(workspace.root.join(krate)),
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_in_the_tree_is_on_the_list() {
        let workspace = Workspace::find().unwrap();
        let mut found = Vec::new();
        for krate in ["common", "backend"] {
            let folder = workspace.root.join(krate).join("fuzz/fuzz_targets");
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                found.push((krate.to_owned(), name));
            }
        }
        let listed = TARGETS.map(|(krate, name)| (krate.to_owned(), name.to_owned()));
        let mut listed = listed.to_vec();
        listed.sort();
        found.sort();
        assert_eq!(found, listed);
    }
}
