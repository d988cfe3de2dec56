//! Mistakes made on purpose: the checks must find each of them.

use crate::world::play_one;
use std::panic::catch_unwind;

/// A mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// Heads are never compared: what a lost hint told of stays unheard.
    NoComparison,
    /// The store does not recognize what is sent a second time.
    RepeatsAreStored,
    /// The bus tells of events at positions that they do not have.
    InventedPositions,
    /// A client that goes on at another node is told that node's head, without a look at the store.
    NoLookOnReturn,
    /// The clock of a node that is behind counts.
    ClocksGoBack,
    /// The store's positions have gaps where two nodes write.
    Gaps,
}

const ALL: [Mutant; 6] = [
    Mutant::NoComparison,
    Mutant::RepeatsAreStored,
    Mutant::InventedPositions,
    Mutant::NoLookOnReturn,
    Mutant::ClocksGoBack,
    Mutant::Gaps,
];

/// Seeds in which each must be found.
const SEEDS: u64 = 8;

#[test]
fn every_mistake_is_found() {
    let survivors = ALL.into_iter().filter(|mutant| {
        let is_missed = |seed| catch_unwind(|| play_one(seed, Some(*mutant), false)).is_ok();
        (0..SEEDS).all(is_missed)
    });
    assert_eq!(survivors.collect::<Vec<_>>(), []);
}
