//! What must be true: of a client after each of its steps, of the world at its end.

use crate::peer::Peer;
use crate::server::Server;
use crate::world::World;
use common::client::{PendingSend, RoomView, SendState, Status};
use common::event::MessagePosted;
use common::ids::{RequestId, Seq};
use common::text::Content;
use std::collections::{BTreeMap, BTreeSet};

/// Every view is a contiguous copy of a part of the log, and shows each own send once.
pub(crate) fn peer(server: &Server, peer: &Peer) {
    let views = peer.core.rooms().chain([peer.core.announcements()]);
    for view in views {
        let log = server.log(view.name());
        copy_of(log, &view);
        own_sends_once(log, &view, peer);
    }
}

fn index(seq: Seq) -> usize {
    usize::try_from(seq.0).unwrap() - 1
}

fn copy_of(log: &[MessagePosted], view: &RoomView<'_>) {
    let mut expected = None;
    for message in view.messages() {
        let seq = message.seq;
        assert!(
            expected.is_none_or(|expected| seq == expected),
            "{seq} came where {expected:?} was due"
        );
        assert_eq!(
            log.get(index(seq)),
            Some(message.as_ref()),
            "not what the log has at {seq}"
        );
        expected = Some(seq.next());
    }
}

/// In the timeline or among the pending, never in both, and in neither only if it is out of view.
fn own_sends_once(log: &[MessagePosted], view: &RoomView<'_>, peer: &Peer) {
    let Some(said) = peer.said.get(view.name()) else {
        assert_eq!(
            view.pending().len(),
            0,
            "something is pending that was never said"
        );
        return;
    };
    let pending: Vec<&RequestId> = view.pending().map(PendingSend::id).collect();
    let distinct: BTreeSet<_> = pending.iter().collect();
    assert_eq!(pending.len(), distinct.len(), "pending twice");
    let mut in_view: BTreeMap<&RequestId, Seq> = BTreeMap::new();
    for message in view
        .messages()
        .filter(|message| message.user == peer.user.id)
    {
        if let Some(id) = &message.id {
            let other = in_view.insert(id, message.seq);
            assert_eq!(other, None, "{id} is shown twice");
        }
    }
    for id in &pending {
        assert!(!in_view.contains_key(id), "{id} is shown twice");
    }
    for (id, entry) in peer
        .stored
        .iter()
        .filter(|(_, entry)| entry.room == *view.name())
    {
        assert!(distinct.contains(&id), "{entry:?} is unsent and not shown");
    }
    let in_flight = view
        .pending()
        .filter(|send| *send.state() == SendState::InFlight);
    assert!(in_flight.count() <= 1, "two in flight");
    assert!(in_order(said, &pending), "pending out of order");
    let last = view
        .messages()
        .next_back()
        .map_or(Seq::ZERO, |message| message.seq);
    let first = view
        .messages()
        .next()
        .map_or(Seq::ZERO, |message| message.seq);
    let in_sight = if last > Seq::ZERO {
        &log[index(first)..=index(last)]
    } else {
        &[]
    };
    for message in in_sight {
        if let Some(id) = message.id.as_ref().filter(|_| message.user == peer.user.id) {
            assert_eq!(in_view.get(id), Some(&message.seq), "{id} has vanished");
        }
    }
}

fn in_order(said: &[(RequestId, String)], pending: &[&RequestId]) -> bool {
    let mut all = said.iter().map(|(id, _)| id);
    pending.iter().all(|id| all.any(|said| said == *id))
}

/// What any client was told is stored, is; and nothing is stored twice, or in another order than
/// it was said.
pub(crate) fn stored(world: &World) {
    for (room, log) in world.server.logs() {
        for peer in &world.peers {
            let said = peer.said.get(room).map_or(&[][..], Vec::as_slice);
            let prefix = format!("{}.", peer.number);
            let texts = log.iter().filter_map(|message| message.content.as_ref());
            let by_peer = texts
                .map(Content::as_str)
                .filter(|text| text.starts_with(&prefix));
            let mut all = said.iter().map(|(_, text)| text);
            for text in by_peer {
                assert!(
                    all.any(|said| said == text),
                    "{text} is stored twice or out of order in {room}"
                );
            }
        }
    }
    let all = world.server.logs().flat_map(|(_, log)| log);
    let ids: BTreeSet<_> = all.filter_map(|message| message.id.as_ref()).collect();
    for peer in &world.peers {
        for id in &peer.confirmed {
            assert!(ids.contains(id), "{id} was confirmed and is not in the log");
        }
    }
}

/// After the healing: all is said, stored once, in order, and seen.
pub(crate) fn end(world: &World) {
    stored(world);
    for peer in &world.peers {
        let number = peer.number;
        assert_eq!(
            peer.core.status(),
            Status::Live,
            "client {number} is not back"
        );
        assert_eq!(peer.stored.len(), 0, "client {number} still waits");
        assert_eq!(
            peer.core.unsent(),
            0,
            "client {number} has something unsent"
        );
        for (room, said) in &peer.said {
            let log = world.server.log(room);
            for (id, text) in said {
                let times = log
                    .iter()
                    .filter(|message| message.id.as_ref() == Some(id))
                    .count();
                assert_eq!(times, 1, "{text} is in {room} {times} times");
            }
        }
        for view in peer.core.rooms().chain([peer.core.announcements()]) {
            let log = world.server.log(view.name());
            let last = view.messages().next_back().map(|message| message.seq);
            let head = log.last().map(|message| message.seq);
            assert!(
                last == head || view.name().is_broadcast() && last.is_none(),
                "client {number} has not seen the end of {}: {last:?} of {head:?}",
                view.name()
            );
            assert_eq!(
                view.pending().len(),
                0,
                "something is still shown as pending"
            );
        }
    }
}
