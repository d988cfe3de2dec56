//! What befalls a server.

use super::{ModelServer, Out};
use crate::model::mutants::Bug;
use crate::server::ConnectionNumber;
use common::ServerFrame;
use common::ids::Seq;
use common::reply::{Goodbye, GoodbyeReason, Left};
use common::text::RoomName;

impl ModelServer {
    /// The process is killed: memory is gone, the disk stays.
    pub(crate) fn crash(&mut self) {
        if !self.batch.is_empty() {
            self.count("crashes before a commit");
        }
        self.batch.clear();
        self.unread_pages.clear();
        self.late_pages.clear();
        self.markers.clear();
        self.sessions.clear();
    }

    pub(crate) fn back_up(&mut self) {
        self.backup = Some(self.store().clone());
    }

    /// The disk is lost, and the last backup takes its place. Nobody is connected.
    pub(crate) fn restore(&mut self) -> bool {
        let Some(backup) = self.backup.take() else {
            return false;
        };
        self.count("restored backups");
        let number = match self.bug {
            Bug::SameEpoch => 1,
            _ => self.stores.len() + 1,
        };
        self.stores.push(backup.reopened(number));
        true
    }

    /// Retention: a room keeps only its newest events.
    pub(crate) fn prune(&mut self, room: &RoomName, keep: u64) {
        let head = self.store().life.log(room).head();
        self.store_mut().life.drop_up_to(room, head.back(keep));
        self.count("rooms pruned");
    }

    /// Tells everybody that the node is about to go, and when to come back.
    pub(crate) fn say_goodbye(&mut self, out: &mut Out) {
        for number in self.connections() {
            let reconnect_after_ms = self.rng.next() % 3000;
            let goodbye = Goodbye {
                reason: GoodbyeReason::Shutdown,
                reconnect_after_ms,
            };
            out.push((number, ServerFrame::Goodbye(goodbye)));
        }
    }

    /// Puts a connection out of a room without being asked.
    pub(crate) fn put_out(&mut self, number: ConnectionNumber, out: &mut Out) {
        let Some(session) = self.sessions.get_mut(&number) else {
            return;
        };
        let mut rooms = session.rooms.keys();
        let room = rooms.find(|room| !room.is_broadcast()).cloned();
        if let Some(room) = room {
            session.rooms.remove(&room);
            self.count("clients put out of a room");
            out.push((number, ServerFrame::Left(Left { room, reason: None })));
        }
    }

    /// Moves a cursor over an event that was not sent: a fault that a client must notice.
    pub(crate) fn skip(&mut self, number: ConnectionNumber) {
        let store = self.stores.last().expect("there is always one");
        let Some(session) = self.sessions.get_mut(&number) else {
            return;
        };
        for (room, cursor) in &mut session.rooms {
            // Only the next one: nobody can notice that the end of a log is missing.
            let next: Seq = store.life.log(room).head().next();
            cursor.sent = cursor.sent.next().min(next);
        }
        self.count("events skipped");
    }
}
