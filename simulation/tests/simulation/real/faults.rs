//! What goes wrong with the real server.

use super::disk::Decision;
use super::network::NetworkEvent;
use super::server::RealServer;
use crate::person::some_room;
use crate::server::Server;
use crate::world::{Event, World};
use common::client::{Command, Input};
use common::text::RoomName;

/// Bytes of a message, of which a few fill a room's tail.
const LARGE: usize = 15_000;

/// The number of a fault that is none: people talk.
const OTHERWISE: usize = 39;

impl World<RealServer> {
    pub(super) fn fault(&mut self) {
        if self.now < self.server.calm_until {
            return;
        }
        let peer = self.rng.below(self.peers.len());
        let what = match self.rng.below(40) {
            17..=21 if self.server.sturdy && self.rng.below(6) > 0 => OTHERWISE,
            what => what,
        };
        match what {
            0..=5 => self.cut_one(peer),
            6..=9 => self.sleep(peer, 20_000),
            10 if self.rng.below(3) == 0 => self.suspend(),
            10 => self.set_clock(peer),
            11 | 12 => self.reload(peer),
            13 => self.apply(peer, Input::CheckConnection),
            14 => self.apply(peer, Input::NetworkLost),
            15 => self.apply(peer, Input::NetworkBack),
            16 => self.server.back_up(),
            17 | 18 => self.crash(None),
            19 => self.server.dying = true,
            20 => self.restart(),
            21 => self.restore(),
            22..=25 => self.slow_down(peer),
            26 | 27 => self.flood(peer),
            28..=30 => self.server.failing = 1 + self.rng.below(3),
            31 | 32 => self.server.disk_slow_until = self.now + self.rng.next() % 5000,
            33 => self.stop_and_start(peer),
            34..=36 => self.server.prune(),
            _ => self.chatter(peer),
        }
    }

    /// The server's machine sleeps: for it, this time passes at once.
    fn suspend(&mut self) {
        let ms = self.rng.next() % 90_000;
        self.say(format_args!("the server sleeps for {ms} ms"));
        self.server.slept_ms += ms;
    }

    /// A bad line, or a client that is busy: it is some time behind.
    fn slow_down(&mut self, peer: usize) {
        if let Some((_, number)) = self.peers[peer].socket
            && let Some(wire) = self.wires.get_mut(&number)
        {
            wire.slow_until = self.now + self.rng.next() % 20_000;
            wire.stalled_until = self.now + self.rng.next() % 6000;
            self.say(format_args!("the line of client {peer} is bad"));
        }
    }

    /// More than a room's tail holds, from two at once; and somebody is slow to read it.
    fn flood(&mut self, peer: usize) {
        if self.server.floods_left == 0 {
            return self.chatter(peer);
        }
        self.server.floods_left -= 1;
        // Most of all where little is kept.
        let room = match self.rng.below(2) {
            0 => "b".parse().unwrap(),
            _ => some_room(&mut self.rng),
        };
        let other = (peer + 1) % self.peers.len();
        for _ in 0..12 + self.rng.below(6) {
            self.say_much(peer, &room);
            self.say_much(other, &room);
        }
        let reader = (peer + 2) % self.peers.len();
        self.slow_down(reader);
        if let Some((_, number)) = self.peers[reader].socket
            && let Some(wire) = self.wires.get_mut(&number)
        {
            // Not so slow that it is given up.
            wire.slow_until = self.now + 20_000;
            wire.stalled_until = self.now + 2_000;
        }
        // Nothing else comes between.
        self.server.calm_until = self.now + 12_000;
        for ms in [4_000, 8_000, 16_000] {
            self.after(ms, Event::Of(NetworkEvent::Prune));
        }
    }

    fn say_much(&mut self, peer: usize, room: &RoomName) {
        let words: String = self.peers[peer].next_words();
        let content = Some(format!("{words}{}", "x".repeat(LARGE)).parse().unwrap());
        let (room, data) = (room.clone(), None);
        let command = Command::Send {
            room,
            content,
            data,
        };
        self.apply(peer, Input::Command(command));
    }

    /// Many short ones: a page of the log and more.
    fn chatter(&mut self, peer: usize) {
        let room = some_room(&mut self.rng);
        for _ in 0..5 + self.rng.below(25) {
            let command = self.peers[peer].say(room.clone());
            self.apply(peer, Input::Command(command));
        }
    }

    /// The program is killed; its connections end, or the machine with it.
    pub(super) fn crash(&mut self, decision: Option<Decision>) {
        if self.server.node.is_none() {
            return;
        }
        let numbers: Vec<_> = self.wires.keys().copied().collect();
        for number in numbers {
            if self.rng.below(3) == 0 {
                RealServer::cut(self, number);
            }
        }
        self.say(format_args!("the program is killed: {decision:?}"));
        self.server.crash(decision, &self.ledger);
        self.fetch();
        self.after(3000, Event::Of(NetworkEvent::Start));
    }

    /// The disk is lost with the program, and an older copy is put in its place.
    fn restore(&mut self) {
        self.crash(None);
        if self.server.node.is_none() {
            self.server.restore();
        }
    }

    /// A polite restart: goodbye, what was accepted is stored, and the connections are closed.
    fn restart(&mut self) {
        if let Some(node) = &self.server.node
            && !std::mem::replace(&mut self.server.leaving, true)
        {
            node.say_goodbye();
            self.say(format_args!("the program says goodbye"));
            self.serve();
            self.at(self.now + 4_000, Event::Of(NetworkEvent::Exit));
        }
    }

    pub(super) fn exit(&mut self) {
        if !self.server.leaving {
            // It was killed on its way.
            return;
        }
        self.server.leave(&self.ledger);
        self.fetch();
        self.server.gone();
        self.fetch();
        self.after(1000, Event::Of(NetworkEvent::Start));
    }

    pub(super) fn start_server(&mut self) {
        if self.server.node.is_none() {
            self.server.start(self.now, &self.ledger);
        }
    }
}
