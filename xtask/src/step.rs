//! Telling a person what is being done and how far it is: `[2/6] Building the page ... done in 34 s`.

use crate::clock::{now, readable};
use anyhow::Result;
use std::io::Write;

/// A row of numbered steps.
pub(crate) struct Steps {
    total: usize,
    begun: usize,
}

/// What a step came to, when it did not fail.
pub(crate) enum Outcome {
    /// It did its work.
    Done,
    /// There was nothing to do, for this reason.
    Nothing(&'static str),
}

/// The line of the step that is under way.
pub(crate) struct Line {
    open: bool,
}

impl Line {
    /// Ends the step's line, since another program is about to write to the terminal.
    pub(crate) fn give_way(&mut self, why: &str) {
        if self.open {
            println!(" {why}");
            self.open = false;
        }
    }

    fn close(&self, text: &str) {
        println!("{}{text}", if self.open { " " } else { "      " });
    }
}

impl Steps {
    /// So many steps lie ahead.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, begun: 0 }
    }

    /// Does one step and says how it went; an error is passed on with the step's name.
    pub(crate) fn step(
        &mut self,
        title: &str,
        work: impl FnOnce(&mut Line) -> Result<Outcome>,
    ) -> Result<()> {
        self.begun += 1;
        print!("[{}/{}] {title} ...", self.begun, self.total);
        std::io::stdout().flush()?;
        let (mut line, start) = (Line { open: true }, now());
        let outcome = work(&mut line);
        let took = readable(start.elapsed());
        match &outcome {
            Ok(Outcome::Done) => line.close(&format!("done in {took}")),
            Ok(Outcome::Nothing(reason)) => line.close(reason),
            Err(_) => line.close(&format!("failed after {took}")),
        }
        outcome
            .map(|_| ())
            .map_err(|error| error.context(title.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_names_itself_in_the_error() {
        let mut steps = Steps::new(2);
        steps
            .step("Looking", |_| Ok(Outcome::Nothing("already there")))
            .unwrap();
        let error = steps
            .step("Building", |_| anyhow::bail!("no disk"))
            .unwrap_err();
        assert_eq!(format!("{error:#}"), "Building: no disk");
    }
}
