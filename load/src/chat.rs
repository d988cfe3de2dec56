//! `chat`: many small rooms, several writers in each. First as fast as it goes, then at half of
//! that rate by the clock, since times at the limit say little but how much is under way; then at
//! rising rates, to find the highest that is sustained.

mod sustained;

use crate::light_clients::{Ledgers, LightClientPlan, LightClients, SendRate, Talk};
use crate::options::{CONNECTIONS_MAX, RunOptions, TalkOptions, count};
use crate::progress::Progress;
use crate::report::Case;
use crate::run_scenario::run_scenario;
use crate::server::{QUIET_MS, Server, ServerPlan};
use crate::times::per_second;
use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;
use std::path::Path;
use std::slice::from_ref;
use std::time::Duration;

/// Talk in many small rooms.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct ChatArguments {
    /// Rooms, 1 to 50000.
    #[arg(long, default_value_t = 500, value_parser = count(1, 50_000))]
    rooms: usize,
    /// Members of each room, writers included, 1 to 10000.
    #[arg(long, default_value_t = 10, value_parser = count(1, 10_000))]
    members: usize,
    /// Writers in each room, at most its members.
    #[arg(long, default_value_t = 2, value_parser = count(1, 10_000))]
    writers: usize,
    /// Messages of each writer that are on their way at once, 1 to 1000: the next sets out when the
    /// last member has the first.
    #[arg(long, default_value_t = 1, value_parser = count(1, 1000))]
    in_flight: usize,
    /// Messages a second in all rooms together, by the clock, 1 to 10000000, instead of all
    /// other cases.
    #[arg(long, conflicts_with = "in_flight", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    rate: Option<u32>,
    /// Seconds for which each rate is tried in the search for the highest that is sustained, after
    /// a second of warming up, 0 to 60; 0 leaves the search out. At most 21 tries.
    #[arg(long, default_value_t = 1, conflicts_with = "rate", value_parser = clap::value_parser!(u64).range(..=60))]
    search_seconds: u64,
    /// Messages a second at which the search ends, 2000 to 128000, where none fails before.
    #[arg(long, default_value_t = 128_000, conflicts_with = "rate", value_parser = clap::value_parser!(u32).range(2_000..=128_000))]
    search_to: u32,
    #[command(flatten)]
    talk: TalkOptions,
    #[command(flatten)]
    run: RunOptions,
}

impl ChatArguments {
    fn check(&self) -> Result<()> {
        let (rooms, members, writers) = (self.rooms, self.members, self.writers);
        ensure!(
            writers <= members,
            "--writers {writers} is more than --members {members}: writers are members"
        );
        let people = u64::try_from(rooms * members)?;
        ensure!(
            people <= CONNECTIONS_MAX,
            "{rooms} rooms of {members} are {people} connections; at most {CONNECTIONS_MAX} are opened"
        );
        Ok(())
    }

    fn plan(&self, server: &Server, label: &str, pace: SendRate) -> LightClientPlan {
        LightClientPlan {
            live: self.talk.live,
            bytes: self.talk.bytes,
            writers: self.rooms * self.writers,
            pace,
            ..LightClientPlan::new(server.address(), label, self.rooms, self.members)
        }
    }

    async fn measure(
        &self,
        server: &Server,
        label: &str,
        pace: SendRate,
        progress: &mut Progress,
    ) -> Result<(Talk, Ledgers)> {
        let plan = self.plan(server, label, pace);
        let time = Duration::from_secs(self.talk.seconds);
        LightClients::run(plan, from_ref(server), time, progress).await
    }
}

/// Runs it; true when nothing was lost, doubled or reordered.
pub(crate) async fn chat(arguments: ChatArguments) -> Result<bool> {
    arguments.check()?;
    let run = async |folder: &Path, progress: &mut Progress| {
        let plan = ServerPlan::heartbeat(QUIET_MS).told(&arguments.run);
        let server = Server::start(folder, plan).await?;
        if let Some(rate) = arguments.rate {
            let pace = SendRate::Rate(f64::from(rate));
            let (talk, books) = arguments.measure(&server, "chat", pace, progress).await?;
            let case = Case::new(format!("{rate} messages/s"));
            return Ok(vec![tell(case, &talk, &books)]);
        }
        progress.begin("as fast as it goes");
        let pace = SendRate::Delivered(arguments.in_flight);
        let flat_out = arguments.measure(&server, "fast", pace, progress).await?;
        progress.begin("half of that");
        let half = per_second(flat_out.0.messages, flat_out.0.time) / 2.0;
        let pace = SendRate::Rate(half.max(1.0));
        let at_half = arguments.measure(&server, "half", pace, progress).await?;
        let mut cases = vec![
            tell(Case::new("as fast as it goes"), &flat_out.0, &flat_out.1),
            tell(Case::new("half of that"), &at_half.0, &at_half.1),
        ];
        if arguments.search_seconds > 0 {
            let plan = arguments.plan(&server, "rising", SendRate::Rate(1.0));
            let time = Duration::from_secs(arguments.search_seconds);
            let found = sustained::search(plan, arguments.search_to, &server, time, progress);
            cases.extend(found.await?);
        }
        Ok(cases)
    };
    let people = arguments.rooms * arguments.members;
    run_scenario("chat", &arguments, &arguments.run, people, run).await
}

fn tell(case: Case, talk: &Talk, books: &Ledgers) -> Case {
    let case = talk
        .tell(case)
        .with("last receiver, p50", "ms", talk.times.ms(50))
        .with("last receiver, p99", "ms", talk.times.ms(99));
    books.tell(case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        chat: ChatArguments,
    }

    fn check(line: &str) -> Result<(), String> {
        let words = std::iter::once("chat").chain(line.split_whitespace());
        let parsed = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        parsed.chat.check().map_err(|error| error.to_string())
    }

    #[test]
    fn bad_arguments_say_what_is_wrong() {
        assert_eq!(check(""), Ok(()));
        for (line, word) in [
            ("--rooms 0", "1..=50000"),
            ("--writers 11", "--members 10"),
            ("--rooms 50000", "at most 90000"),
            ("--rate 5 --in-flight 2", "cannot be used with"),
            ("--rate 5 --search-seconds 2", "cannot be used with"),
            ("--search-to 1000", "2000..=128000"),
            ("--search-seconds 61", "0..=60"),
            ("--bytes 8", "32..=16384"),
            ("--seconds 0", "1..=3600"),
            ("--workers many", "--workers"),
        ] {
            let error = check(line).unwrap_err();
            assert!(error.contains(word), "{line}: {error}");
        }
    }
}
