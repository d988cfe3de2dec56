//! The last runs of a scenario, one for each way in which it was set, in one JSON file.

use super::Report;
use anyhow::{Context, Result};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Settings that are remembered; the one that was not run for the longest time makes room.
const RUNS_MAX: usize = 32;

/// See the module.
pub(crate) struct Archive {
    path: PathBuf,
}

/// What the archive says of an earlier run.
#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    /// The last run with the same settings.
    Same(Box<Report>),
    /// There are runs, none of them with these settings.
    Others,
    Nothing,
}

impl Archive {
    /// That of a scenario, in the folder where all are kept.
    pub(crate) fn of(folder: &Path, scenario: &str) -> Self {
        Self {
            path: folder.join(format!("{scenario}.json")),
        }
    }

    /// The last run that was set as this one is.
    ///
    /// # Errors
    /// The file is there and cannot be read, or is not an archive.
    pub(crate) fn last(&self, report: &Report) -> Result<Found> {
        let runs = self.read()?;
        let is_empty = runs.is_empty();
        let same = runs
            .into_iter()
            .rev()
            .find(|run| run.settings == report.settings);
        Ok(match same {
            Some(same) => Found::Same(Box::new(same)),
            None if is_empty => Found::Nothing,
            None => Found::Others,
        })
    }

    /// Puts a run in the place of the last one with its settings. An archive that cannot be read is
    /// begun anew.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn put(&self, report: &Report) -> Result<()> {
        let mut runs = self.read().unwrap_or_default();
        runs.retain(|run| run.settings != report.settings);
        runs.push(report.clone());
        let surplus = runs.len().saturating_sub(RUNS_MAX);
        runs.drain(..surplus);
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        }
        fs::write(&self.path, serde_json::to_string_pretty(&runs)?)
            .with_context(|| format!("writing {}", self.path.display()))
    }

    fn read(&self) -> Result<Vec<Report>> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                return Err(error).with_context(|| format!("reading {}", self.path.display()));
            }
        };
        serde_json::from_str(&text)
            .with_context(|| format!("{} is not a list of runs", self.path.display()))
    }
}
