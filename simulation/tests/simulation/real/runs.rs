//! The seeds.

use super::network::NetworkEvent;
use super::presence;
use super::server::RealServer;
use crate::checks;
use crate::rng::Rng;
use crate::seeds::{Played, play};
use crate::world::{Event, World};
use common::client::Input;
use common::ids::Seq;

/// Milliseconds of trouble in each run.
const TROUBLE_MS: u64 = 60_000;

/// Seeds that every test run plays.
const SEEDS: u64 = 16;

/// What happens in them, whatever the machine's sockets are like: a simulation in which nothing goes
/// wrong proves nothing.
const DUE: [&str; 16] = [
    "batches stored",
    "batches that failed",
    "crashes",
    "crashes before a commit",
    "crashes behind a commit, before its ack",
    "first joins",
    "goodbyes",
    "pages read for readers behind a tail",
    "polite restarts",
    "restored backups",
    "resumes that reload",
    "resumes with a replay",
    "resumes with nothing missed",
    "rooms pruned",
    "sends that were repeats",
    "slow readers closed",
];

/// How many steps there were, and what happened in them.
fn run(seed: u64, tell: bool) -> Played {
    let mut rng = Rng(seed);
    let peers = 2 + rng.below(4);
    let server = RealServer::new(rng.next(), rng.below(3), rng.below(2) == 0);
    let mut world = World::new(rng, peers, server, tell);
    world.server.start(0, &world.ledger);
    world.server.write_history(&world.ledger);
    world.begin();
    world.after(1, Event::Of(NetworkEvent::Commit));
    world.after(1, Event::Of(NetworkEvent::Pulse));
    world.run(TROUBLE_MS);
    world.heal();
    world.server.audit(Seq::ZERO);
    checks::end(&world);
    // All but the first go.
    for peer in 1..world.peers.len() {
        world.apply(peer, Input::Stop);
    }
    world.run(3_000);
    presence::alone(&world);
    (world.steps, std::mem::take(&mut world.server.tally))
}

#[test]
fn whatever_breaks_the_real_server_loses_doubles_and_reorders_nothing() {
    if let Some((_, tally)) = play("real", SEEDS, run) {
        for due in DUE {
            let times = tally.get(due).copied().unwrap_or_default();
            assert!(times > 0, "there were no {due}");
        }
    }
}
