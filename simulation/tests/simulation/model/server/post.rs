//! What clients send is taken, committed in groups, and answered.

use super::answers::refuse;
use super::{ModelServer, Out};
use crate::log::What;
use crate::model::mutants::Bug;
use crate::model::store::Placed;
use crate::server::ConnectionNumber;
use common::ids::{RequestId, Seq};
use common::reply::Ack;
use common::text::RoomName;
use common::user::User;
use common::{ClientFrame, ErrorCode, ServerFrame};

pub(super) struct Uncommitted {
    from: ConnectionNumber,
    user: User,
    id: Option<RequestId>,
    room: RoomName,
    what: What,
}

/// What a frame asks for, and where.
fn asked(frame: ClientFrame) -> (Option<RequestId>, RoomName, What) {
    match frame {
        ClientFrame::Message(f) => (f.id, f.room, What::Message(f.content.unwrap())),
        ClientFrame::Broadcast(f) => {
            let what = What::Message(f.content.unwrap());
            (f.id, RoomName::broadcast(), what)
        }
        ClientFrame::Edit(f) => (f.id, f.room, What::Edit(f.target, f.content.unwrap())),
        ClientFrame::Delete(f) => (f.id, f.room, What::Delete(f.target)),
        ClientFrame::React(f) => (f.id, f.room, What::React(f.target, f.emoji, f.on)),
        other => panic!("{other:?} is no send"),
    }
}

impl ModelServer {
    pub(super) fn post(&mut self, from: ConnectionNumber, frame: ClientFrame, out: &mut Out) {
        let (id, room, what) = asked(frame);
        let Some(session) = self.sessions.get(&from) else {
            return;
        };
        let user = session.user.clone();
        if !room.is_broadcast() && !session.rooms.contains_key(&room) {
            self.count("sends from outside the room");
            return refuse(from, id.as_ref(), ErrorCode::NotJoined, out);
        }
        self.is_alone(from, &room);
        if self.by_chance(30) {
            self.count("sends refused for the moment");
            return refuse(from, id.as_ref(), ErrorCode::Overloaded, out);
        }
        let known = id
            .as_ref()
            .and_then(|id| self.store().life.find(&user.id, id));
        if known.is_none() && self.by_chance(60) {
            self.count("sends refused for good");
            return refuse(from, id.as_ref(), ErrorCode::MessageTooLarge, out);
        }
        if self.bug == Bug::AckBeforeCommit {
            super::done(from, id.as_ref(), out);
        }
        self.batch.push(Uncommitted {
            from,
            user,
            id,
            room,
            what,
        });
    }

    /// Two sends of a queue may be under way only where the first is on disk already: a client that
    /// sends again may hear of that before it is answered.
    fn is_alone(&self, from: ConnectionNumber, room: &RoomName) {
        let queue = |send: &&Uncommitted| send.from == from && send.room == *room;
        for other in self.batch.iter().filter(queue) {
            let id = other.id.as_ref().expect("a client names its sends");
            let stored = self.store().life.find(&other.user.id, id);
            assert!(stored.is_some(), "two in flight in {room}, the first {id}");
        }
    }

    /// Writes the batch to disk; then come the acks and the events, in either order.
    pub(crate) fn commit(&mut self, out: &mut Out) {
        let mut answers = vec![];
        for send in std::mem::take(&mut self.batch) {
            let placed = self.append(&send);
            answers.push((send.from, send.id, send.room, placed));
        }
        if self.rng.below(3) == 0 {
            for ((user, room), seq) in std::mem::take(&mut self.markers) {
                self.store_mut().mark(&user, &room, seq);
            }
        }
        for (from, asked) in std::mem::take(&mut self.unread_pages) {
            let page = self.page(&asked);
            out.push((from, page));
        }
        if self.rng.below(2) == 0 {
            self.deliver_all(out);
        }
        for (from, id, room, placed) in answers {
            self.answer(from, id, room, placed, out);
        }
        self.deliver_all(out);
        if self.rng.below(4) == 0 {
            out.append(&mut self.late_pages);
        }
        out.retain(|(to, _)| self.sessions.contains_key(to));
    }

    fn append(&mut self, send: &Uncommitted) -> Placed {
        let Uncommitted {
            user,
            id,
            room,
            what,
            ..
        } = send;
        let dedup = self.bug != Bug::NoDedup;
        let placed = self
            .store_mut()
            .append(user, id.clone(), room, what.clone(), dedup);
        self.count(match (placed, what) {
            (Ok((_, true)), _) => "sends that came again",
            (Ok(_), What::Message(_)) => "messages stored",
            (Ok(_), What::Edit(..)) => "edits stored",
            (Ok(_), What::Delete(_)) => "deletions stored",
            (Ok(_), What::React(..)) => "reactions stored",
            (Err(_), _) => "changes that came too late",
        });
        if let Ok((seq, false)) = placed {
            self.fresh.push((room.clone(), seq));
        }
        placed
    }

    fn answer(
        &self,
        to: ConnectionNumber,
        id: Option<RequestId>,
        room: RoomName,
        placed: Placed,
        out: &mut Out,
    ) {
        let (Some(id), true) = (id, self.bug != Bug::AckBeforeCommit) else {
            return;
        };
        let seq: Seq = match placed {
            Ok((seq, _)) => seq,
            Err(code) => return refuse(to, Some(&id), code, out),
        };
        let ack = Ack {
            room: Some(room),
            seq: Some(seq),
            epoch: Some(self.store().life.epoch.clone()),
            ..Ack::done(id)
        };
        out.push((to, ServerFrame::Ack(Box::new(ack))));
    }
}
