//! What goes wrong.

use crate::person::some_room;
use crate::server::Server;
use crate::world::World;
use common::client::Input;

impl World {
    pub(crate) fn fault(&mut self) {
        let peer = self.rng.below(self.peers.len());
        match self.rng.below(40) {
            0..=8 => self.cut_one(peer),
            9..=12 => self.sleep(peer),
            13..=15 => self.set_clock(peer),
            16..=19 => self.reload(peer),
            20 | 21 => self.apply(peer, Input::CheckConnection),
            22 | 23 => self.apply(peer, Input::NetworkLost),
            24 | 25 => self.apply(peer, Input::NetworkBack),
            26..=28 => self.put_out_or_skip(peer),
            29..=31 => self.crash(),
            32 | 33 => self.restart(),
            34 => self.server.back_up(),
            35 => self.restore(),
            36 => self.prune(),
            37 => self.stop_and_start(peer),
            _ => self.close_one(peer),
        }
    }

    fn cut_one(&mut self, peer: usize) {
        if let Some((_, number)) = self.peers[peer].socket {
            self.cut(number);
        }
    }

    /// Shut the lid: the client does nothing, and the connection may die meanwhile, and the clock
    /// may be another afterwards.
    fn sleep(&mut self, peer: usize) {
        let ms = 1 + self.rng.next() % 30_000;
        self.peers[peer].asleep_until = self.now + ms;
        if self.rng.below(2) == 0 {
            self.cut_one(peer);
        }
        if self.rng.below(3) == 0 {
            self.set_clock(peer);
        }
    }

    /// Up to a minute, forward or back.
    fn set_clock(&mut self, peer: usize) {
        let by = i64::try_from(self.rng.next() % 120_000).unwrap() - 60_000;
        self.peers[peer].clock_off_ms += by;
    }

    pub(crate) fn reload(&mut self, peer: usize) {
        if let Some((_, number)) = self.peers[peer].socket.take() {
            self.hang_up(number);
        }
        // The page is gone, and with it all that its sockets might say to it.
        self.wires.retain(|_, wire| wire.peer != peer);
        let seed = self.rng.next();
        self.peers[peer].asleep_until = self.now;
        let browser = self.peers[peer].browser;
        self.peers[peer].reload(seed, &self.stored[browser]);
        self.start(peer);
    }

    /// Signed out, or sent away, and back again at once.
    fn stop_and_start(&mut self, peer: usize) {
        self.apply(peer, Input::Stop);
        self.apply(peer, Input::Start);
    }

    fn put_out_or_skip(&mut self, peer: usize) {
        let Some((_, number)) = self.peers[peer].socket else {
            return;
        };
        if self.rng.below(2) == 0 {
            self.with_server(|server, out| server.put_out(number, out));
        } else {
            self.server.skip(number);
        }
    }

    fn crash(&mut self) {
        for number in self.server.connections() {
            self.cut(number);
        }
        self.server.crash();
        self.server_up_at = self.now + self.rng.next() % 3000;
    }

    /// The disk is lost with the process, and an older backup is put in its place.
    fn restore(&mut self) {
        self.crash();
        if self.server.restore() {
            self.logs.restored(&self.server);
        }
    }

    fn prune(&mut self) {
        let (room, keep) = (some_room(&mut self.rng), self.rng.next() % 40);
        self.server.prune(&room, keep);
    }

    /// A polite restart: goodbye, one more commit, and the connections are closed.
    fn restart(&mut self) {
        self.with_server(Server::say_goodbye);
        self.with_server(Server::commit);
        for number in self.server.connections() {
            self.close(number, 4000);
        }
        self.server_up_at = self.now + self.rng.next() % 1000;
    }

    /// Too slow, too many, a fault of the server's: come back.
    fn close_one(&mut self, peer: usize) {
        if let Some((_, number)) = self.peers[peer].socket {
            self.close(number, 4002);
        }
    }
}
