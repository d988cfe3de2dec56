//! How every scenario is run: a folder, a progress line, and in the end a table beside the last
//! run's, a JSON file, and a word on where the server's log is when something was wrong.

use crate::clock::unix_seconds;
use crate::environment::{Environment, load_average, raise_descriptors};
use crate::options::RunOptions;
use crate::progress::Progress;
use crate::report::{Archive, Case, Found, Report, is_sound};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Names the folder that `cargo xtask` builds into; the last runs are kept in `load` below it.
const TARGET_DIR: &str = "HUBBUB_TARGET_DIR";

/// Descriptors that a process needs beside its connections.
const DESCRIPTORS_BESIDE: usize = 500;

/// Runs a scenario and tells what it came to; true when nothing was lost, doubled or reordered.
/// `settings` are the scenario's arguments: runs with the same ones are compared. `connections` are
/// open at once at the most.
pub(crate) async fn run_scenario(
    scenario: &str,
    settings: &impl Serialize,
    options: &RunOptions,
    connections: usize,
    run: impl AsyncFnOnce(&Path, &mut Progress) -> Result<Vec<Case>>,
) -> Result<bool> {
    let settings = match serde_json::to_value(settings)? {
        Value::Object(settings) => settings,
        _ => serde_json::Map::new(),
    };
    // Before there is a server, since it has the same bound.
    raise_descriptors(connections + DESCRIPTORS_BESIDE)?;
    let (began_at, load_average) = (unix_seconds(), load_average());
    let mut environment = Environment::new(options.dir.as_ref())?;
    let mut progress = Progress::new();
    let cases = run(environment.folder(), &mut progress).await;
    progress.end();
    if !cases.as_deref().is_ok_and(is_sound) {
        let kept = environment.keep();
        eprintln!("the run failed; the server's data and log: {kept}");
    }
    let cases = cases?;
    ensure!(!cases.is_empty(), "nothing was measured");
    let report = Report {
        scenario: scenario.to_owned(),
        settings,
        began_at,
        load_average,
        cases,
    };
    tell(&report, options)?;
    Ok(report.is_sound())
}

fn tell(report: &Report, options: &RunOptions) -> Result<()> {
    let folder = std::env::var_os(TARGET_DIR).map(|target| PathBuf::from(target).join("load"));
    let archive = folder.map(|folder| Archive::of(&folder, &report.scenario));
    let found = match archive.as_ref().map(|archive| archive.last(report)) {
        Some(Ok(found)) => found,
        Some(Err(error)) => {
            eprintln!("the last run cannot be read: {error:#}");
            Found::Nothing
        }
        None => Found::Nothing,
    };
    let last = match &found {
        Found::Same(last) => Some(&**last),
        Found::Others | Found::Nothing => None,
    };
    println!("{}", report.table(last));
    println!("{}", beside(report, &found));
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_string_pretty(report)?)
            .with_context(|| format!("writing {}", file.display()))?;
    }
    match &archive {
        // What went wrong is nothing to compare with.
        Some(archive) if report.is_sound() => archive.put(report),
        _ => Ok(()),
    }
}

/// What the figures stand beside, in words.
fn beside(report: &Report, found: &Found) -> String {
    let load = report.load_average;
    match found {
        Found::Same(last) => {
            let minutes = report.began_at.saturating_sub(last.began_at) / 60;
            let then = last.load_average;
            format!(
                "The last run with these settings was {minutes} min before. Load average before \
                 this run: {load:.1}, before that one: {then:.1}."
            )
        }
        Found::Others => format!(
            "No run with these settings before, only with others. Load average before it: {load:.1}."
        ),
        Found::Nothing => {
            format!("No run before to compare with. Load average before it: {load:.1}.")
        }
    }
}
