//! `cargo xtask test`: everything that says whether the tree is sound, stage after stage, a later
//! stage running even when an earlier one failed.

mod count;
mod stages;

use crate::clock::{now, readable};
use crate::paths::Workspace;
use anyhow::Result;
use clap::{Args, ValueEnum};
use count::Count;
use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;

/// Run everything that says whether the tree is sound.
#[derive(Args)]
pub(crate) struct TestArguments {
    /// Run this stage only; may be given several times.
    #[arg(long)]
    only: Vec<Stage>,
}

/// The stages, cheap ones first, in the order they run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// Formatting, as rustfmt would have it.
    Fmt,
    /// Clippy with warnings as errors, natively and for the browser.
    Clippy,
    /// The conventions of the tree, see `cargo xtask tidy`.
    Tidy,
    /// Licences, sources and known faults of dependencies, by `deny.toml`.
    Deny,
    /// Native tests; those of a whole server once with each store.
    Native,
    /// The real server killed under writing clients on a failing network, see `cargo xtask chaos`.
    Chaos,
    /// Every scenario of `cargo xtask load` in small: nothing lost, doubled or reordered.
    Load,
    /// The frontend's tests inside headless Chromium.
    Wasm,
    /// The bytes that Chromium loads before a user can write, against their budget.
    Page,
    /// The real server and page in real Chromium, and the development loop.
    Browser,
}

impl Stage {
    fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    fn run(self, workspace: &Workspace, count: &mut Count) -> Result<()> {
        match self {
            Self::Fmt => stages::fmt(workspace),
            Self::Clippy => stages::clippy(workspace),
            Self::Tidy => stages::tidy(workspace),
            Self::Deny => stages::deny(workspace),
            Self::Native => stages::native(workspace, count),
            Self::Chaos => stages::chaos(workspace, count),
            Self::Load => stages::load(workspace, count),
            Self::Wasm => stages::wasm(workspace, count),
            Self::Page => stages::page(workspace, count),
            Self::Browser => stages::browser(workspace, count),
        }
    }
}

/// What became of a stage.
struct Report {
    stage: Stage,
    took: Duration,
    count: Count,
    error: Option<anyhow::Error>,
}

/// Runs the stages and ends with a table, and with `N passed, N failed` on the last line.
pub(crate) fn test(workspace: &Workspace, arguments: &TestArguments) -> Result<ExitCode> {
    let stages: Vec<Stage> = Stage::value_variants()
        .iter()
        .copied()
        .filter(|stage| arguments.only.is_empty() || arguments.only.contains(stage))
        .collect();
    let mut reports = Vec::new();
    for (index, stage) in stages.iter().enumerate() {
        println!(
            "\n== {} ({} of {}) ==",
            stage.name(),
            index + 1,
            stages.len()
        );
        let (start, mut count) = (now(), Count::default());
        let error = stage.run(workspace, &mut count).err();
        if let Some(error) = &error {
            println!("{} FAILED: {error:#}", stage.name());
        }
        reports.push(Report {
            stage: *stage,
            took: start.elapsed(),
            count,
            error,
        });
    }
    let sound = reports
        .iter()
        .all(|report| report.error.is_none() && report.count.failed == 0);
    println!("{}", summary(&reports));
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The table, then the sum of all tests alone on the last line.
fn summary(reports: &[Report]) -> String {
    let mut text = String::from("\nstage     result  time          tests\n");
    for report in reports {
        let well = report.error.is_none() && report.count.failed == 0;
        let result = if well { "ok" } else { "FAILED" };
        let tests = if report.count == Count::default() {
            String::from("-")
        } else {
            report.count.to_string()
        };
        let (name, took) = (report.stage.name(), readable(report.took));
        let _ = writeln!(text, "{name:<9} {result:<7} {took:<13} {tests}");
    }
    for report in reports {
        if let Some(error) = &report.error {
            let _ = writeln!(text, "{} FAILED: {error:#}", report.stage.name());
        }
    }
    let mut sum = Count::default();
    for report in reports {
        sum.add(report.count);
    }
    let _ = write!(text, "\n{sum}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_sums_all_stages_and_a_broken_stage_is_named() {
        let report = |stage, passed, failed, error: Option<&'static str>| Report {
            stage,
            took: Duration::from_secs(1),
            count: Count { passed, failed },
            error: error.map(anyhow::Error::msg),
        };
        let text = summary(&[
            report(Stage::Fmt, 0, 0, Some("not formatted")),
            report(Stage::Native, 40, 1, None),
            report(Stage::Wasm, 2, 0, None),
        ]);
        assert!(text.contains("fmt FAILED: not formatted"), "{text}");
        assert!(text.contains("native    FAILED"), "{text}");
        assert!(text.contains("wasm      ok"), "{text}");
        assert_eq!(text.lines().last(), Some("42 passed, 1 failed"));
    }
}
