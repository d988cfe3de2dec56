//! What goes wrong.

use crate::server::Server;
use crate::world::World;
use common::client::Input;

impl World {
    pub(crate) fn fault(&mut self) {
        let peer = self.rng.below(self.peers.len());
        match self.rng.below(14) {
            0..=3 => self.cut_one(peer),
            4 => self.sleep(peer),
            5 => self.set_clock(peer),
            6 => self.reload(peer),
            7 => self.apply(peer, Input::Nudge),
            8 => self.apply(peer, Input::NetworkLost),
            9 => self.apply(peer, Input::NetworkBack),
            10 => self.put_out_or_skip(peer),
            11 => self.crash(),
            12 => self.restart(),
            _ => self.close_one(peer),
        }
    }

    fn cut_one(&mut self, peer: usize) {
        if let Some((_, number)) = self.peers[peer].socket {
            self.cut(number);
        }
    }

    /// Shut the lid: the client does nothing, and the connection may die meanwhile.
    fn sleep(&mut self, peer: usize) {
        let ms = 1 + self.rng.next() % 30_000;
        self.peers[peer].asleep_until = self.now + ms;
        if self.rng.below(2) == 0 {
            self.cut_one(peer);
        }
    }

    /// Up to a minute, forward or back.
    fn set_clock(&mut self, peer: usize) {
        let by = i64::try_from(self.rng.next() % 120_000).unwrap() - 60_000;
        self.peers[peer].clock_off_ms += by;
    }

    fn reload(&mut self, peer: usize) {
        if let Some((_, number)) = self.peers[peer].socket.take() {
            self.hang_up(number);
        }
        // The page is gone, and with it all that its sockets might say to it.
        self.wires.retain(|_, wire| wire.peer != peer);
        let seed = self.rng.next();
        self.peers[peer].asleep_until = self.now;
        self.peers[peer].reload(seed);
        self.start(peer);
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
