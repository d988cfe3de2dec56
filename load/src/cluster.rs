//! `cluster`: what several nodes on one PostgreSQL and one Redis cost and take, beside one node.

mod node_loss;
mod presence_cost;
mod senders;
mod traffic;

use crate::nodes::Backing;
use crate::options::{CONNECTIONS_MAX, RunOptions, count, seconds};
use crate::progress::Progress;
use crate::run_scenario::run_scenario;
use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::Path;

/// Measure several nodes on one PostgreSQL and one Redis: delivery across them, CPU per delivery,
/// acknowledged messages, presence, and the loss of a node.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct ClusterArguments {
    /// What to measure.
    #[arg(long, value_delimiter = ',', default_values = ["traffic", "senders", "presence", "node-loss"])]
    only: Vec<Part>,
    /// Messages a second in the traffic between nodes, 1 to 100000.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// Rooms in that traffic, 1 to 10000.
    #[arg(long, default_value_t = 100, value_parser = count(1, 10_000))]
    rooms: usize,
    /// Members of each of these rooms, 3 to 1000, dealt out to all nodes.
    #[arg(long, default_value_t = 12, value_parser = count(3, 1000))]
    members: usize,
    /// Numbers of concurrent senders, 1 to 10000, each with one message under way.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 100, 1000], value_parser = count(1, 10_000))]
    senders: Vec<usize>,
    /// Clients of which a third loses its node, 3 to 90000.
    #[arg(long, default_value_t = 10_000, value_parser = count(3, CONNECTIONS_MAX))]
    clients: usize,
    /// Seconds to measure for each figure, 1 to 3600.
    #[arg(long, default_value_t = 5, value_parser = seconds())]
    seconds: u64,
    /// How often the traffic is measured, in turns with 1, 2 and 3 nodes; the median counts. 1 to 99.
    #[arg(long, default_value_t = 3, value_parser = count(1, 99))]
    rounds: usize,
    #[command(flatten)]
    run: RunOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Part {
    /// Delivery times and CPU per delivery with 1, 2 and 3 nodes.
    Traffic,
    /// Acknowledged messages beside one commit for each, and Redis Streams.
    Senders,
    /// What presence costs on Redis.
    Presence,
    /// One of three nodes is killed.
    NodeLoss,
}

impl ClusterArguments {
    fn check(&self) -> Result<()> {
        let people = u64::try_from(self.rooms * self.members)?;
        ensure!(
            people <= CONNECTIONS_MAX,
            "{} rooms of {} are {people} connections; at most {CONNECTIONS_MAX} are opened",
            self.rooms,
            self.members
        );
        Ok(())
    }

    fn has(&self, part: Part) -> bool {
        self.only.contains(&part)
    }
}

/// Runs it; true when nothing was lost, doubled or reordered.
pub(crate) async fn cluster(arguments: ClusterArguments) -> Result<bool> {
    arguments.check()?;
    let connections = arguments.clients.max(arguments.rooms * arguments.members);
    let run = async |folder: &Path, progress: &mut Progress| {
        let backing = Backing::start(1).await?;
        let mut cases = Vec::new();
        if arguments.has(Part::Traffic) {
            cases.extend(traffic::measure(&arguments, &backing, folder, progress).await?);
        }
        if arguments.has(Part::Senders) {
            cases.extend(senders::measure(&arguments, &backing, folder, progress).await?);
        }
        if arguments.has(Part::Presence) {
            cases.push(presence_cost::measure(&arguments, &backing, folder, progress).await?);
        }
        if arguments.has(Part::NodeLoss) {
            cases.push(node_loss::measure(&arguments, &backing, folder, progress).await?);
        }
        Ok(cases)
    };
    run_scenario("cluster", &arguments, &arguments.run, connections, run).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        cluster: ClusterArguments,
    }

    #[test]
    fn bad_arguments_say_what_is_wrong() {
        let check = |line: &str| -> Result<(), String> {
            let words = std::iter::once("cluster").chain(line.split_whitespace());
            let parsed = Line::try_parse_from(words).map_err(|error| error.to_string())?;
            parsed.cluster.check().map_err(|error| format!("{error:#}"))
        };
        assert_eq!(check(""), Ok(()));
        for (line, word) in [
            ("--members 2", "3..=1000"),
            ("--only nothing", "node-loss"),
            ("--rooms 9000 --members 11", "at most 90000"),
            ("--rounds 0", "1..=99"),
        ] {
            let error = check(line).unwrap_err();
            assert!(error.contains(word), "{line}: {error}");
        }
    }
}
