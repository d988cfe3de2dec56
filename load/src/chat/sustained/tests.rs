use super::*;
use crate::light_clients::Faults;
use crate::times::Times;

/// Searches where the server can do this much, and each of `hiccups` tries, counted from 0, fails
/// though it could; returns what is found, and the rates in the order in which they are tried.
fn found(limit: u32, hiccups: &[usize]) -> (Search, Vec<u32>) {
    let mut search = Search {
        most: 128_000,
        ..Search::default()
    };
    let mut tried = Vec::new();
    while let Some(rate) = search.next() {
        search.tell(rate, rate <= limit && !hiccups.contains(&tried.len()));
        tried.push(rate);
        assert!(tried.len() < 40, "no end: {tried:?}");
    }
    (search, tried)
}

#[test]
fn the_ladder_is_climbed_and_then_halved_between_its_rungs() {
    let (search, tried) = found(41_000, &[]);
    assert_eq!(tried[..6], LADDER[..6]);
    assert_eq!(
        tried[6..],
        [
            32_000, 48_000, 48_000, 40_000, 44_000, 44_000, 42_000, 42_000
        ]
    );
    assert_eq!((search.held, search.failed), (40_000, Some(42_000)));
}

#[test]
fn one_hiccup_does_not_end_the_climb() {
    let (search, tried) = found(41_000, &[1]);
    assert_eq!(tried[..3], [2_000, 4_000, 4_000]);
    assert_eq!(search.held, 40_000);
}

#[test]
fn a_server_that_holds_every_rate_or_none_is_found_out() {
    let (search, tried) = found(u32::MAX, &[]);
    assert_eq!(
        (search.held, search.failed, tried.len()),
        (128_000, None, LADDER.len())
    );
    let (search, tried) = found(0, &[]);
    assert_eq!((search.held, search.failed), (0, Some(250)));
    assert_eq!(tried.len(), TRIES * (1 + BETWEEN_MAX));
}

#[test]
fn no_rate_is_tried_above_the_most() {
    let mut search = Search {
        most: 5_000,
        ..Search::default()
    };
    for rate in [2_000, 4_000] {
        assert_eq!(search.next(), Some(rate));
        search.tell(rate, true);
    }
    assert_eq!(search.next(), None);
}

#[test]
fn a_rate_holds_that_is_level_and_quick_and_whole() {
    let talk = |behind, p99_ms, overrun| Talk {
        behind,
        overrun,
        times: Times::new(vec![Duration::from_millis(p99_ms)]),
        ..Talk::default()
    };
    let books = |lost| Ledgers {
        faults: Faults {
            lost,
            ..Faults::default()
        },
        ..Ledgers::default()
    };
    assert!(holds(1000, &talk(99, 100, false), &books(0)));
    assert!(!holds(1000, &talk(100, 100, false), &books(0)));
    assert!(!holds(1000, &talk(99, 101, false), &books(0)));
    assert!(!holds(1000, &talk(99, 100, true), &books(0)));
    assert!(!holds(1000, &talk(99, 100, false), &books(1)));
    assert!(!holds(1000, &Talk::default(), &books(0)));
}
