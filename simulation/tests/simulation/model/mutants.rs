//! Mistakes made on purpose, to see that the checks find them.

use super::runs::run;

/// What the model server, or the network, does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) enum Bug {
    /// Nothing: the contract is kept.
    None,
    /// A send that comes again is stored again.
    NoDedup,
    /// The ack is sent before the commit, which a crash may prevent.
    AckBeforeCommit,
    /// A join says that it replays, and begins with what comes next.
    NoReplay,
    /// What happens while a join replays is sent before the replay.
    NoHoldBack,
    /// What retention has dropped is passed over, as if the client had seen it.
    FloorNotKept,
    /// A restored backup goes by the name of the log it was made of.
    SameEpoch,
    /// A page of history has messages as they were first said.
    PagesWithoutChanges,
    /// Read markers are kept from the user's other connections.
    MarkersNotTold,
    /// Frames to a client overtake each other.
    Overtaking,
}

/// Seeds in which each of them must be found.
const SEEDS: u64 = 20;

/// Some seed finds the bug, and says of it one of these.
fn is_found_out(bug: Bug, expected: &[&str]) {
    for seed in 0..SEEDS {
        let Err(panic) = std::panic::catch_unwind(|| run(seed, bug, false)) else {
            continue;
        };
        let words = match panic.downcast::<String>() {
            Ok(words) => *words,
            Err(panic) => (*panic.downcast::<&str>().expect("it says why")).to_owned(),
        };
        if expected.iter().any(|expected| words.contains(expected)) {
            return eprintln!("{bug:?} is found by seed {seed}: {words}");
        }
    }
    panic!("no seed finds {bug:?}");
}

#[test]
fn a_server_that_stores_a_repeated_send_again_is_found_out() {
    is_found_out(Bug::NoDedup, &["is stored twice"]);
}

#[test]
fn a_server_that_acks_before_the_commit_is_found_out() {
    is_found_out(Bug::AckBeforeCommit, &["was acked and is not stored"]);
}

#[test]
fn a_server_that_does_not_replay_is_found_out() {
    is_found_out(Bug::NoReplay, &["has not seen the end", "not what the log"]);
}

#[test]
fn a_server_that_mixes_live_events_into_a_replay_is_found_out() {
    is_found_out(Bug::NoHoldBack, &["messages in", "a gap"]);
}

#[test]
fn a_server_that_passes_over_what_it_has_dropped_is_found_out() {
    is_found_out(Bug::FloorNotKept, &["a gap", "not what the log"]);
}

#[test]
fn a_server_that_restores_a_backup_in_silence_is_found_out() {
    is_found_out(
        Bug::SameEpoch,
        &["a gap", "not what the log", "is ahead of its log"],
    );
}

#[test]
fn a_server_whose_pages_lack_the_changes_is_found_out() {
    is_found_out(Bug::PagesWithoutChanges, &["not what the log"]);
}

#[test]
fn a_server_that_keeps_markers_to_itself_is_found_out() {
    is_found_out(Bug::MarkersNotTold, &["does not know what was read"]);
}

#[test]
fn a_network_that_reorders_is_found_out() {
    is_found_out(Bug::Overtaking, &["messages in", "a gap"]);
}
