//! What a socket is given, however little it takes at a time.

use super::*;
use crate::room::delivery::shard::Shards;
use crate::store::EventStore;
use crate::store::memory::MemoryStore;
use common::ids::Epoch;
use std::cell::{Cell, RefCell};

/// A socket with room for so many bytes.
#[derive(Default)]
struct Fake {
    room: Cell<usize>,
    /// Bytes of one write at most.
    at_once: Cell<usize>,
    got: RefCell<Vec<u8>>,
    writes: Cell<usize>,
    is_broken: Cell<bool>,
}

impl Sink for Fake {
    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if self.is_broken.get() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let mut left = self.room.get().min(self.at_once.get());
        if left == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.writes.set(self.writes.get() + 1);
        let mut taken = 0;
        for slice in slices {
            let part = slice.get(..slice.len().min(left)).unwrap();
            self.got.borrow_mut().extend_from_slice(part);
            taken += part.len();
            left -= part.len();
        }
        self.room.set(self.room.get() - taken);
        Ok(taken)
    }
}

impl Fake {
    fn with_room(room: usize, at_once: usize) -> Self {
        let fake = Self::default();
        fake.room.set(room);
        fake.at_once.set(at_once);
        fake
    }

    fn text(&self) -> String {
        String::from_utf8(self.got.borrow().clone()).unwrap()
    }
}

fn epoch() -> Epoch {
    "e".parse().unwrap()
}

fn room(name: &str) -> Arc<Room> {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new(epoch()));
    Arc::new(Room::new(name.parse().unwrap(), store, Shards::new(1)))
}

fn say(room: &Arc<Room>, seqs: std::ops::RangeInclusive<u64>) {
    for seq in seqs {
        room.append(
            &epoch(),
            Seq(seq),
            format!("{}{seq};", room.name()).as_bytes(),
        );
    }
}

fn at(event: u64) -> Position {
    let event = Seq(event);
    Position { event, presence: 0 }
}

/// A pass at this member, which begins at the room's end.
fn pass(out: &mut Out, key: MembershipKey, room: &Arc<Room>, sink: &Fake, now_ms: u64) {
    let batch = room.read(room.end());
    if let Delivery::Elsewhere(position) = out.deliver(key, room, &batch, sink, now_ms) {
        let again = out.deliver(key, room, &room.read(position), sink, now_ms);
        assert!(matches!(again, Delivery::Done(_)), "{again:?}");
    }
}

fn expected(name: &str, seqs: std::ops::RangeInclusive<u64>) -> String {
    seqs.map(|seq| format!("{name}{seq};")).collect()
}

#[test]
fn answers_and_events_go_in_one_write() {
    let (room, sink, mut out) = (room("a"), Fake::with_room(10_000, 10_000), Out::default());
    say(&room, 1..=50);
    out.personal().extend_from_slice(b"joined;");
    out.place(0, Arc::clone(&room), at(10));
    out.flush(&sink, 0);
    assert_eq!(sink.text(), format!("joined;{}", expected("a", 11..=50)));
    assert_eq!(sink.writes.get(), 1);
    assert!(!out.is_blocked() && !out.has_more());
}

#[test]
fn nothing_is_lost_doubled_or_mixed_up_however_little_is_taken_at_a_time() {
    for at_once in 1..40 {
        let (a, b) = (room("a"), room("b"));
        let (sink, mut out) = (Fake::with_room(0, at_once), Out::default());
        out.place(0, Arc::clone(&a), at(0));
        out.place(1, Arc::clone(&b), at(0));
        let mut told = String::new();
        for turn in 0..60_u64 {
            sink.room.set((turn as usize * 7) % 50);
            say(&a, turn + 1..=turn + 1);
            say(&b, 2 * turn + 1..=2 * turn + 2);
            if turn % 3 == 0 {
                told.push_str(&format!("p{turn};"));
                out.personal()
                    .extend_from_slice(format!("p{turn};").as_bytes());
            }
            pass(&mut out, 0, &a, &sink, turn);
            pass(&mut out, 1, &b, &sink, turn);
            out.flush(&sink, turn);
        }
        sink.room.set(usize::MAX);
        out.flush(&sink, 60);
        let only = |first: char| -> String {
            let text = sink.text();
            let whole = text
                .split_inclusive(';')
                .filter(|event| event.starts_with(first));
            whole.map(str::to_owned).collect()
        };
        assert_eq!(only('a'), expected("a", 1..=60), "{at_once} at once");
        assert_eq!(only('b'), expected("b", 1..=120), "{at_once} at once");
        assert_eq!(only('p'), told, "{at_once} at once");
    }
}

#[test]
fn a_socket_that_takes_nothing_costs_one_write_and_is_known_to_stall() {
    let (room, sink, mut out) = (room("a"), Fake::with_room(0, 100), Out::default());
    out.place(0, Arc::clone(&room), at(0));
    say(&room, 1..=10);
    out.flush(&sink, 1000);
    let held: usize = out.unfinished.iter().map(Bytes::len).sum();
    for seq in 11..=500 {
        say(&room, seq..=seq);
        pass(&mut out, 0, &room, &sink, 2000);
    }
    assert_eq!(out.unfinished.iter().map(Bytes::len).sum::<usize>(), held);
    assert_eq!((out.stalled_ms(1000), out.stalled_ms(5000)), (0, 4000));
    sink.room.set(5);
    out.flush(&sink, 6000);
    assert_eq!(out.stalled_ms(7000), 1000);
    sink.room.set(100_000);
    out.flush(&sink, 8000);
    assert_eq!(sink.text(), expected("a", 1..=500));
    assert_eq!(out.stalled_ms(9000), 0);
}

#[test]
fn who_has_fallen_off_the_tail_is_fed_and_goes_on_from_it() {
    let (room, sink, mut out) = (
        room("a"),
        Fake::with_room(1_000_000, 1_000_000),
        Out::default(),
    );
    // A gap in the tail: what lies before it is in the store alone.
    say(&room, 5..=6);
    out.place(0, Arc::clone(&room), at(2));
    out.flush(&sink, 0);
    assert!(out.is_behind() && sink.text().is_empty());
    // Until it is fed, what comes is left in the tail.
    say(&room, 7..=7);
    pass(&mut out, 0, &room, &sink, 0);
    let (key, _, cursor) = out.next_behind().unwrap();
    assert_eq!((key, cursor), (0, Seq(2)));
    out.supply(0, vec!["a3;".into(), "a4;".into()], Seq(4));
    out.flush(&sink, 0);
    assert_eq!(sink.text(), expected("a", 3..=7));
    assert!(!out.is_behind());
}

#[test]
fn a_log_that_began_anew_and_a_broken_socket_end_the_connection() {
    let (room, sink, mut out) = (room("a"), Fake::with_room(1000, 1000), Out::default());
    out.place(0, Arc::clone(&room), at(0));
    say(&room, 1..=1);
    sink.is_broken.set(true);
    out.flush(&sink, 0);
    assert_eq!(out.end(), Some(End::Gone));
    assert_eq!(
        lost(),
        End::Close(
            CloseCode::UnreadEventsLost,
            "what you have not read yet is gone"
        )
    );
}

#[test]
fn a_number_that_is_another_rooms_by_now_is_not_mixed_up() {
    let (a, b) = (room("a"), room("b"));
    let (sink, mut out) = (Fake::with_room(1000, 1000), Out::default());
    out.place(0, Arc::clone(&a), at(0));
    out.remove_cursor(0);
    out.place(0, Arc::clone(&b), at(0));
    say(&a, 1..=3);
    pass(&mut out, 0, &a, &sink, 0);
    assert_eq!(sink.text(), "");
}

#[test]
fn who_is_put_out_of_a_room_is_given_nothing_more_from_there() {
    let (a, b) = (room("a"), room("b"));
    let (sink, mut out) = (Fake::with_room(10_000, 10_000), Out::default());
    out.place(0, Arc::clone(&a), at(0));
    out.place(1, Arc::clone(&b), at(0));
    say(&a, 1..=2);
    assert!(out.remove_room_cursor(&a));
    assert!(!out.remove_room_cursor(&a));
    assert!(!out.has_cursor(0) && out.has_cursor(1));
    // What was asked of the store meanwhile comes too late.
    out.supply(0, vec![Frame::from_static(b"late;")], Seq(2));
    say(&b, 1..=1);
    pass(&mut out, 0, &a, &sink, 0);
    out.flush(&sink, 0);
    assert_eq!(sink.text(), expected("b", 1..=1));
}
