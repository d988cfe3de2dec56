//! What readers of a tail are given, by example.

use super::*;

fn frame(n: u64) -> Frame {
    Frame::from(n.to_string())
}

fn tail(seqs: impl IntoIterator<Item = u64>) -> Tail {
    let mut tail = Tail::default();
    for seq in seqs {
        tail.append(Seq(seq), frame(seq));
    }
    tail
}

fn read(tail: &Tail, cursor: u64) -> Option<Vec<u64>> {
    match tail.read(Seq(cursor)) {
        TailRead::Behind | TailRead::Lost => None,
        TailRead::UpToDate => Some(vec![]),
        TailRead::Frames {
            frames,
            cursor: next,
        } => {
            let text = frames
                .iter()
                .map(|f| String::from_utf8(f.to_vec()).unwrap());
            let seqs: Vec<u64> = text.map(|t| t.parse().unwrap()).collect();
            assert_eq!(seqs.last(), Some(&next.0));
            Some(seqs)
        }
    }
}

#[test]
fn a_reader_gets_what_lies_behind_its_cursor_once() {
    let tail = tail(1..=5);
    for (cursor, expected) in [
        (0, Some(vec![1, 2, 3, 4, 5])),
        (3, Some(vec![4, 5])),
        (5, Some(vec![])),
        (9, Some(vec![])),
    ] {
        assert_eq!(read(&tail, cursor), expected, "from {cursor}");
    }
}

#[test]
fn repeats_and_stragglers_are_dropped_and_a_gap_sends_readers_to_the_store() {
    let mut tail = tail([1, 2, 2, 1, 3]);
    assert_eq!(read(&tail, 0), Some(vec![1, 2, 3]));
    assert!(tail.append(Seq(6), frame(6)));
    assert_eq!(read(&tail, 3), None);
    assert_eq!(read(&tail, 5), Some(vec![6]));
}

#[test]
fn opening_keeps_what_was_published_meanwhile() {
    let mut tail = tail([7, 8]);
    tail.open_at(Seq(7));
    assert_eq!(read(&tail, 6), Some(vec![7, 8]));
    tail.open_at(Seq(9));
    assert_eq!(read(&tail, 8), None);
    assert_eq!(read(&tail, 9), Some(vec![]));
}

#[test]
fn an_erased_event_keeps_its_place() {
    let mut tail = tail(3..=6);
    for seq in [2, 4, 6, 7] {
        tail.replace(Seq(seq), frame(seq * 10));
    }
    let TailRead::Frames { frames, .. } = tail.read(Seq(2)) else {
        panic!("nothing there")
    };
    assert_eq!(frames, [frame(3), frame(40), frame(5), frame(60)]);
    assert_eq!(tail.bytes, 6);
}

#[test]
fn the_tail_is_bounded_in_bytes_but_keeps_the_newest_event() {
    let mut tail = Tail::default();
    let big = Frame::from(vec![b'x'; TAIL_BYTES_MAX / 4]);
    for seq in 1..=10 {
        tail.append(Seq(seq), big.clone());
    }
    assert_eq!(tail.frames.len(), 4);
    assert_eq!(tail.read(Seq(5)), TailRead::Behind);
    tail.append(Seq(11), Frame::from(vec![b'x'; TAIL_BYTES_MAX * 2]));
    assert!(matches!(tail.read(Seq(10)), TailRead::Frames { .. }));
}

#[test]
fn one_reading_is_bounded_in_frames() {
    let tail = tail(1..=1000);
    let first = read(&tail, 0).unwrap();
    assert_eq!(first.len(), READ_FRAMES_MAX);
    assert_eq!(read(&tail, 256).unwrap().first(), Some(&257));
}
