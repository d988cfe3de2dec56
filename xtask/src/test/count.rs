//! Counting tests by the `test result:` lines that every cargo test binary ends with, while the
//! output goes on to the terminal.

use crate::command;
use anyhow::{Result, bail};
use std::fmt;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::{Command, Stdio};

/// How many tests went well and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl Count {
    /// Adds the tests of another count.
    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Adds what a line of test output says, if it is a `test result:` line.
    fn read_line(&mut self, line: &str) {
        let Some((_, result)) = line.split_once("test result:") else {
            return;
        };
        self.passed += number_before(result, " passed");
        self.failed += number_before(result, " failed");
    }

    /// Runs a cargo command that runs tests, its output shown as it comes and counted. The tests'
    /// own failure is an error too, as is not getting as far as running any.
    pub(super) fn run(&mut self, command: &mut Command) -> Result<()> {
        if std::io::stdout().is_terminal() {
            // Cargo sees a pipe and would drop its colours.
            command.env("CARGO_TERM_COLOR", "always");
        }
        self.run_into(command, std::io::stdout())
    }

    fn run_into(&mut self, command: &mut Command, terminal: impl Write) -> Result<()> {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| command::not_started(command, &error))?;
        let mut result = Ok(());
        if let Some(output) = child.stdout.take() {
            result = self.tee(BufReader::new(output), terminal);
        }
        let status = child.wait()?;
        result?;
        if !status.success() {
            bail!("`{}` failed ({status})", command::shown(command));
        }
        Ok(())
    }

    /// Bytes and not text: a test may print anything.
    fn tee(&mut self, mut output: impl BufRead, mut terminal: impl Write) -> Result<()> {
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line)? > 0 {
            terminal.write_all(&line)?;
            self.read_line(&String::from_utf8_lossy(&line));
            line.clear();
        }
        Ok(())
    }
}

/// The number that stands right before a word: 3 for `ok. 3 passed; 0 failed` and ` passed`.
fn number_before(text: &str, word: &str) -> u64 {
    let before = text
        .split(word)
        .next()
        .filter(|before| before.len() < text.len());
    let number = before.and_then(|before| before.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    // Not the terminal: these lines would be counted by the xtask that runs these very tests.
    use std::io::sink;

    fn check(output: &str, passed: u64, failed: u64) {
        let mut count = Count::default();
        count.tee(output.as_bytes(), sink()).unwrap();
        assert_eq!(count, Count { passed, failed }, "{output:?}");
    }

    #[test]
    fn every_result_line_is_counted_and_nothing_else() {
        check("", 0, 0);
        check("running 3 tests\ntest a ... ok\n3 passed in prose\n", 0, 0);
        check(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured\n",
            3,
            0,
        );
        check(
            "test result: FAILED. 12 passed; 2 failed; 0 ignored\n",
            12,
            2,
        );
        check(
            "test result: \u{1b}[32mok\u{1b}[0m. 7 passed; 0 failed; finished in 0.1s",
            7,
            0,
        );
        check(
            "test result: ok. 1 passed; 0 failed\n\ntest result: ok. 2 passed; 1 failed\n",
            3,
            1,
        );
        check("test result: ok\n", 0, 0);
    }

    #[test]
    fn output_that_is_not_text_does_no_harm() {
        let mut count = Count::default();
        let output = &b"\xff\xfe\ntest result: ok. 1 passed; 0 failed\n"[..];
        count.tee(output, sink()).unwrap();
        assert_eq!(count.passed, 1);
    }

    #[test]
    fn a_failing_run_is_an_error_and_still_counted() {
        let mut count = Count::default();
        let script = "echo 'test result: FAILED. 1 passed; 1 failed'; exit 101";
        assert!(
            count
                .run_into(Command::new("sh").args(["-c", script]), sink())
                .is_err()
        );
        assert_eq!(
            count,
            Count {
                passed: 1,
                failed: 1
            }
        );
    }
}
