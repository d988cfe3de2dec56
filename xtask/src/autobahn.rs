//! `cargo xtask autobahn`: the Autobahn test suite, against the server's own WebSocket pieces.
//!
//! The suite is a Python program that needs Python 2.7; it is not installed from here, and `cargo
//! xtask test` does without it.

use crate::command;
use crate::paths::Workspace;
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::{self, Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

/// What a person is told who does not have the suite.
const NEEDS: &str = "the suite is the Python package `autobahntestsuite` (tried: 25.10.1); in a virtualenv of Python 2.7: `pip install autobahntestsuite`, then `cargo xtask autobahn --wstest <its folder>/bin/wstest`";

/// Compression, which Hubbub does not offer (ADR 6).
const EXCLUDED: [&str; 2] = ["12.*", "13.*"];

/// What is as it should be; for the second the suite has no opinion.
const GOOD: [&str; 2] = ["OK", "INFORMATIONAL"];

/// Run the Autobahn test suite.
#[derive(Args)]
pub(crate) struct AutobahnArguments {
    /// The suite's program.
    #[arg(long, default_value = "wstest")]
    wstest: PathBuf,
}

/// Runs the suite and says what came out; an error unless all is good.
pub(crate) fn autobahn(workspace: &Workspace, arguments: &AutobahnArguments) -> Result<ExitCode> {
    let mut cargo = Command::new("cargo");
    let build = ["build", "--package", "backend", "--example", "echo"];
    command::run(cargo.args(build).current_dir(&workspace.root))?;
    let folder = workspace.target.join("autobahn");
    // What an earlier run has left must not be taken for this one's.
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("emptying {}", folder.display()));
        }
        _ => fs::create_dir_all(&folder)?,
    }
    let echo = Echo::start(&workspace.target.join("debug/examples/echo"))?;
    let spec = json!({
        "outdir": "report",
        "servers": [{"agent": "hubbub", "url": echo.address}],
        "cases": ["*"],
        "exclude-cases": EXCLUDED,
        "exclude-agent-cases": {},
    });
    fs::write(folder.join("spec.json"), spec.to_string())?;
    let mut wstest = Command::new(program(&arguments.wstest)?);
    wstest
        .args(["--mode", "fuzzingclient", "--spec", "spec.json"])
        .stdout(File::create(folder.join("wstest.log"))?)
        .current_dir(&folder);
    command::run(&mut wstest).context(NEEDS)?;
    drop(echo);
    let index = folder.join("report/index.json");
    let index = fs::read_to_string(&index).with_context(|| format!("{}", index.display()))?;
    let trouble = report(&index)?;
    println!("every case: {}", folder.join("report/index.html").display());
    if trouble > 0 {
        bail!("{trouble} cases are not as they should be");
    }
    Ok(ExitCode::SUCCESS)
}

/// A path holds from any folder; a bare name is looked up.
fn program(asked: &Path) -> Result<PathBuf> {
    match asked.components().count() {
        1 => Ok(asked.to_owned()),
        _ => path::absolute(asked).with_context(|| format!("{}", asked.display())),
    }
}

/// The echo server; it ends with this.
struct Echo {
    child: Child,
    address: String,
}

impl Echo {
    fn start(program: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("127.0.0.1:0").stdout(Stdio::piped());
        let child = command.spawn();
        let child = child.map_err(|error| command::not_started(&command, &error))?;
        let mut echo = Self {
            child,
            address: String::new(),
        };
        let output = echo.child.stdout.take().context("it has an output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().strip_prefix("echo at ");
        echo.address = address.context("the echo server says no address")?.into();
        Ok(echo)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // It may have ended by itself; that shows in the results.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Prints what came out, group by group, and every case that is not good; returns how many those are.
fn report(index: &str) -> Result<usize> {
    let index: Value = serde_json::from_str(index).context("reading the suite's report")?;
    let cases = index.get("hubbub").and_then(Value::as_object);
    let cases = cases.context("the report tells nothing of the echo server")?;
    if cases.is_empty() {
        bail!("the report tells of no case");
    }
    let mut groups: BTreeMap<u32, BTreeMap<String, usize>> = BTreeMap::new();
    let mut trouble = 0;
    for (name, case) in cases {
        let word = |key: &str| case.get(key).and_then(Value::as_str).unwrap_or("unknown");
        let (behaviour, close) = (word("behavior"), word("behaviorClose"));
        let group = name.split('.').next().unwrap_or_default().parse();
        let group = groups.entry(group.with_context(|| format!("case {name}"))?);
        *group.or_default().entry(behaviour.to_owned()).or_default() += 1;
        if !GOOD.contains(&behaviour) || !GOOD.contains(&close) {
            trouble += 1;
            println!("{name}: {behaviour}, closed: {close}");
        }
    }
    for (group, counts) in &groups {
        let counts: Vec<_> = counts
            .iter()
            .map(|(word, count)| format!("{count} {word}"))
            .collect();
        println!("group {group}: {}", counts.join(", "));
    }
    Ok(trouble)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_good_only_where_its_end_is_good_too() {
        let trouble = |behaviour: &str, close: &str| {
            let case = json!({"behavior": behaviour, "behaviorClose": close});
            let good = json!({"behavior": "OK", "behaviorClose": "OK"});
            let index = json!({"hubbub": {"7.1.1": case, "10.1.1": good}});
            report(&index.to_string()).unwrap()
        };
        assert_eq!(trouble("OK", "OK"), 0);
        assert_eq!(trouble("INFORMATIONAL", "INFORMATIONAL"), 0);
        assert_eq!(trouble("OK", "WRONG CODE"), 1);
        assert_eq!(trouble("NON-STRICT", "OK"), 1);
        assert_eq!(trouble("FAILED", "FAILED"), 1);
        assert_eq!(trouble("UNIMPLEMENTED", "OK"), 1);
    }

    #[test]
    fn a_report_of_nothing_is_no_success() {
        assert!(report("{}").is_err());
        assert!(report("").is_err());
        assert!(report(r#"{"hubbub":{}}"#).is_err());
    }
}
