use super::*;

/// As the server writes it, as far as a reader looks.
fn text(seq: u64, writer: usize, number: u32) -> Vec<u8> {
    let content = format!("{writer}:{number}:xxx");
    let text = format!(r#"{{"type":"message","room":"r","seq":{seq},"content":"{content}"}}"#);
    text.into_bytes()
}

fn ledger(members: usize, writers: usize) -> Ledger {
    Ledger::new(&"r".parse().unwrap(), members, writers)
}

/// A room of one reader and two writers, who have written three and two messages; the reader is
/// sent these: seq, writer, number.
fn faults(sent: &[(u64, usize, u32)]) -> Faults {
    let mut ledger = ledger(1, 2);
    for seat in [0, 0, 0, 1, 1] {
        ledger.set_out(seat, Instant::now());
    }
    for (seq, writer, number) in sent {
        ledger.see(0, &text(*seq, *writer, *number), false);
    }
    let (steady, stalling) = ledger.faults();
    assert_eq!(stalling, Faults::default());
    assert_eq!(ledger.is_settled(false), steady.lost == 0, "{sent:?}");
    steady
}

const ALL: [(u64, usize, u32); 5] = [(1, 0, 0), (2, 0, 1), (3, 1, 0), (4, 0, 2), (5, 1, 1)];

#[test]
fn what_comes_whole_and_in_order_has_no_fault() {
    assert_eq!(faults(&ALL), Faults::default());
}

#[test]
fn what_does_not_come_is_lost_in_the_middle_as_at_the_end() {
    let lost = |lost| Faults {
        lost,
        ..Faults::default()
    };
    assert_eq!(faults(&ALL[..4]), lost(1));
    assert_eq!(faults(&[]), lost(5));
    assert_eq!(faults(&[ALL[0], ALL[2], ALL[3], ALL[4]]), lost(1));
}

#[test]
fn what_comes_again_or_late_is_found() {
    let mut again = ALL.to_vec();
    again.push((4, 0, 2));
    assert_eq!(faults(&again).doubled, 1);
    let stored_twice = [ALL[0], ALL[1], ALL[2], ALL[3], ALL[4], (6, 1, 1)];
    assert_eq!(faults(&stored_twice).doubled, 1);
    let late = [ALL[0], ALL[2], ALL[3], ALL[1], ALL[4]];
    let found = faults(&late);
    assert_eq!((found.lost, found.reordered), (0, 1));
    // Each writer's in order, but not behind what came before.
    let misplaced = [(2, 0, 0), (3, 0, 1), (1, 1, 0), (4, 0, 2), (5, 1, 1)];
    assert_eq!(faults(&misplaced).reordered, 1);
}

#[test]
fn what_nobody_wrote_is_foreign() {
    let mut more = ALL.to_vec();
    more.insert(0, (1, 7, 0));
    assert_eq!(faults(&more).foreign, 1);
    let mut ledger = ledger(1, 1);
    let other = br#"{"type":"message","room":"r","seq":1,"content":"hello"}"#;
    assert_eq!(ledger.see(0, other, false), Seen::Other);
    assert_eq!(ledger.faults().0.foreign, 1);
}

#[test]
fn a_message_has_arrived_when_the_last_reader_has_it() {
    let mut ledger = ledger(3, 1);
    ledger.will_stall(2);
    let sent_at = Instant::now();
    ledger.set_out(0, sent_at);
    ledger.set_out(0, sent_at);
    assert_eq!(ledger.on_the_way(0), 2);
    let none = Seen::Message { last_of: None };
    assert_eq!(ledger.see(0, &text(1, 0, 0), false), none);
    assert_eq!(ledger.see(0, &text(1, 0, 0), false), none, "a repeat");
    let last = Seen::Message {
        last_of: Some(sent_at),
    };
    assert_eq!(ledger.see(1, &text(1, 0, 0), false), last);
    assert_eq!(ledger.on_the_way(0), 1);
    // A stalled member gets it in the end, too.
    assert!(!ledger.is_settled(false));
    assert_eq!(ledger.see(2, &text(1, 0, 0), false), none);
    assert_eq!(ledger.faults().1.lost, 1);
}

#[test]
fn with_acks_a_message_has_arrived_when_it_is_acked() {
    let mut ledger = ledger(1, 1);
    let sent_at = Instant::now();
    ledger.set_out(0, sent_at);
    let none = Seen::Message { last_of: None };
    assert_eq!(ledger.see(0, &text(1, 0, 0), true), none);
    assert_eq!((ledger.unacked(), ledger.is_settled(true)), (1, false));
    assert_eq!(ledger.acked(0), Some(sent_at));
    assert_eq!((ledger.unacked(), ledger.is_settled(true)), (0, true));
    assert_eq!((ledger.on_the_way(0), ledger.written()), (0, 1));
}

#[test]
fn what_the_server_says_is_missing_is_not_lost() {
    let mut ledger = ledger(1, 1);
    ledger.will_stall(0);
    for _ in 0..5 {
        ledger.set_out(0, Instant::now());
    }
    ledger.see(0, &text(1, 0, 0), false);
    ledger.joined(0, 3, false);
    let told = |ledger: &Ledger| (ledger.faults().1.lost, ledger.faults().1.told);
    assert_eq!(told(&ledger), (0, 4));
    ledger.see(0, &text(4, 0, 3), false);
    assert_eq!(told(&ledger), (1, 2));
    ledger.see(0, &text(5, 0, 4), false);
    assert_eq!(told(&ledger), (0, 2));
    assert_eq!(ledger.newest(0), 5);
}
