//! A bounded queue, and the log behind it.

use super::*;
use common::event::MessagePosted;
use common::time::Timestamp;

fn message(room: &RoomName, seq: u64) -> RoomEvent {
    RoomEvent::Message(Arc::new(MessagePosted {
        room: room.clone(),
        seq: Seq(seq),
        from: "Ada".parse().unwrap(),
        user: "ada".parse().unwrap(),
        id: None,
        content: "hello".parse().ok(),
        data: None,
        timestamp: Timestamp(seq),
        deleted: false,
        edited_at: None,
        reactions: vec![],
    }))
}

fn follower(room: &RoomName) -> (Follower, Receiver<Event>, Paused) {
    let (mut follower, events, paused) = Follower::new(room.clone(), 3, None, None);
    assert_eq!(follower.cursor("e".parse().unwrap(), Seq(0)), None);
    (follower, events, paused)
}

fn seqs(events: &mut Receiver<Event>) -> Vec<(bool, u64)> {
    let mut seqs = Vec::new();
    while let Ok(event) = events.try_recv() {
        let is_reset = matches!(event, Event::Reset { .. });
        seqs.push((is_reset, event.position().unwrap().seq.0));
    }
    seqs
}

#[test]
fn a_full_queue_leaves_the_room_and_joins_it_behind_the_last_event_in_it() {
    let room: RoomName = "general".parse().unwrap();
    let (mut follower, mut events, paused) = follower(&room);
    for seq in 1..=3 {
        assert_eq!(follower.event(Seq(seq), message(&room, seq)), None);
    }
    let close = follower.event(Seq(4), message(&room, 4));
    assert_eq!(close, Some(Command::CloseRoom { room: room.clone() }));
    assert_eq!(follower.event(Seq(5), message(&room, 5)), None);
    assert!(!follower.is_drained_unseen());
    assert_eq!(seqs(&mut events), [(false, 1), (false, 2), (false, 3)]);
    assert!(follower.is_drained_unseen(), "the reader sees it too late");
    assert!(!paused.take(), "one of the two resumes");
    let Some(Command::OpenRoomFrom { from, .. }) = follower.resume() else {
        panic!("not joined again")
    };
    let (epoch, seq) = ("e".parse().unwrap(), Seq(3));
    assert_eq!(from, JoinFrom::After { epoch, seq });
    assert_eq!(follower.resume(), None);
    assert_eq!(follower.cursor("e".parse().unwrap(), Seq(3)), None);
    assert_eq!(follower.event(Seq(4), message(&room, 4)), None);
    assert_eq!(seqs(&mut events), [(false, 4)]);
}

#[test]
fn skipped_announcements_are_said_to_be_missing() {
    let room = RoomName::broadcast();
    let (mut follower, mut events, _) = follower(&room);
    for seq in 1..=6 {
        assert_eq!(follower.event(Seq(seq), message(&room, seq)), None);
    }
    assert_eq!(seqs(&mut events), [(false, 1), (false, 2), (false, 3)]);
    follower.event(Seq(7), message(&room, 7));
    follower.event(Seq(8), message(&room, 8));
    assert_eq!(seqs(&mut events), [(true, 6), (false, 7), (false, 8)]);
}

#[test]
fn a_log_that_begins_elsewhere_is_a_reset_unless_it_is_the_first() {
    let room: RoomName = "general".parse().unwrap();
    let (mut follower, mut events, _) = follower(&room);
    follower.cursor("e2".parse().unwrap(), Seq(9));
    follower.event(Seq(10), message(&room, 10));
    assert_eq!(seqs(&mut events), [(true, 9), (false, 10)]);
}
