//! What readers of a tail are given, by example.

use super::*;

/// A frame that can be told where several stand in a row.
fn frame(n: u64) -> Vec<u8> {
    format!("{n};").into_bytes()
}

fn tail(seqs: impl IntoIterator<Item = u64>) -> Tail {
    let mut tail = Tail::default();
    for seq in seqs {
        tail.append(Seq(seq), &frame(seq));
    }
    tail
}

fn text(pieces: &[Frame]) -> String {
    let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.to_vec()).collect();
    String::from_utf8(bytes).unwrap()
}

fn read(tail: &mut Tail, cursor: u64) -> Option<Vec<u64>> {
    match tail.read(Seq(cursor)) {
        TailRead::Behind => None,
        TailRead::UpToDate => Some(vec![]),
        TailRead::Pieces {
            pieces,
            cursor: next,
            more,
        } => {
            let seqs: Vec<u64> = text(&pieces)
                .split_terminator(';')
                .map(|n| n.parse().unwrap())
                .collect();
            assert_eq!(seqs.last(), Some(&next.0));
            assert_eq!(more, next < tail.head());
            Some(seqs)
        }
    }
}

#[test]
fn a_reader_gets_what_lies_behind_its_cursor_once() {
    let mut tail = tail(1..=5);
    for (cursor, expected) in [
        (0, Some(vec![1, 2, 3, 4, 5])),
        (3, Some(vec![4, 5])),
        (5, Some(vec![])),
        (9, Some(vec![])),
    ] {
        assert_eq!(read(&mut tail, cursor), expected, "from {cursor}");
    }
}

#[test]
fn readers_at_every_place_get_the_same_events_however_these_came() {
    // Read now and then while it grows, so that it is cut into chunks in different ways.
    for every in [1, 2, 3, 7, 50] {
        let mut tail = Tail::default();
        for seq in 1..=50 {
            tail.append(Seq(seq), &frame(seq));
            if seq % every == 0 {
                let _ = tail.read(Seq(seq - 1));
            }
        }
        for cursor in 0..50 {
            let (mut at, mut got) = (cursor, Vec::new());
            while let Some(seqs) = read(&mut tail, at).filter(|seqs| !seqs.is_empty()) {
                at = *seqs.last().unwrap();
                got.extend(seqs);
            }
            let expected: Vec<u64> = (cursor + 1..=50).collect();
            assert_eq!(got, expected, "from {cursor}, read every {every}");
        }
    }
}

#[test]
fn what_came_in_one_go_is_one_piece() {
    let mut tail = tail(1..=100);
    let TailRead::Pieces { pieces, .. } = tail.read(Seq(40)) else {
        panic!("nothing there")
    };
    assert_eq!(pieces.len(), 1);
}

#[test]
fn repeats_and_stragglers_are_dropped_and_a_gap_sends_readers_to_the_store() {
    let mut tail = tail([1, 2, 2, 1, 3]);
    assert_eq!(read(&mut tail, 0), Some(vec![1, 2, 3]));
    tail.append(Seq(6), &frame(6));
    assert_eq!(tail.head(), Seq(6));
    assert_eq!(read(&mut tail, 3), None);
    assert_eq!(read(&mut tail, 5), Some(vec![6]));
}

#[test]
fn opening_keeps_what_was_published_meanwhile() {
    let mut tail = tail([7, 8]);
    tail.open_at(Seq(7));
    assert_eq!(read(&mut tail, 6), Some(vec![7, 8]));
    tail.open_at(Seq(9));
    assert_eq!(read(&mut tail, 8), None);
    assert_eq!(read(&mut tail, 9), Some(vec![]));
}

#[test]
fn an_erased_event_keeps_its_place() {
    let mut tail = tail(3..=6);
    for seq in [2, 4, 6, 7] {
        tail.replace(Seq(seq), &frame(seq * 100));
    }
    let TailRead::Pieces { pieces, .. } = tail.read(Seq(2)) else {
        panic!("nothing there")
    };
    assert_eq!(text(&pieces), "3;400;5;600;");
    assert_eq!(tail.bytes, 12);
    tail.append(Seq(7), &frame(7));
    let TailRead::Pieces { pieces, .. } = tail.read(Seq(4)) else {
        panic!("nothing there")
    };
    assert_eq!(text(&pieces), "5;600;7;");
}

#[test]
fn the_tail_is_bounded_in_bytes_but_keeps_the_newest_event() {
    let mut tail = Tail::default();
    let big = vec![b'x'; TAIL_BYTES_MAX / 4];
    let mut gone = Vec::new();
    for seq in 1..=10 {
        gone.extend(tail.append(Seq(seq), &big));
        assert!(tail.bytes <= TAIL_BYTES_MAX + CHUNK_BYTES);
    }
    assert_eq!(tail.chunks.len(), 4);
    assert_eq!(tail.read(Seq(5)), TailRead::Behind);
    let gone: Vec<_> = gone.iter().map(|chunk| chunk.span.last().0).collect();
    assert_eq!(gone, [1, 2, 3, 4, 5, 6], "what makes room is given back");
    tail.append(Seq(11), &vec![b'x'; TAIL_BYTES_MAX * 2]);
    assert!(matches!(tail.read(Seq(10)), TailRead::Pieces { .. }));
    assert_eq!(tail.read(Seq(9)), TailRead::Behind);
}

#[test]
fn one_reading_is_bounded_in_bytes() {
    let mut tail = Tail::default();
    for seq in 1..=200 {
        tail.append(Seq(seq), &[b'x'; 1000]);
    }
    let TailRead::Pieces {
        pieces,
        cursor,
        more: true,
    } = tail.read(Seq(0))
    else {
        panic!("nothing there")
    };
    let bytes: usize = pieces.iter().map(Frame::len).sum();
    assert!(bytes <= READ_BYTES_MAX && bytes > READ_BYTES_MAX / 2);
    assert_eq!(cursor.0 as usize, bytes / 1000);
}
