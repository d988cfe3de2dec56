//! What goes wrong with the model.

use super::server::ModelServer;
use crate::person::some_room;
use crate::world::World;
use common::client::Input;

impl World<ModelServer> {
    pub(super) fn fault(&mut self) {
        let peer = self.rng.below(self.peers.len());
        match self.rng.below(40) {
            0..=8 => self.cut_one(peer),
            9..=12 => self.sleep(peer, 30_000),
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
            self.cut_wire(number);
        }
        self.server.crash();
        self.server.up_at = self.now + self.rng.next() % 3000;
    }

    /// The disk is lost with the process, and an older backup is put in its place.
    fn restore(&mut self) {
        self.crash();
        if self.server.restore() {
            let mut logs = std::mem::take(&mut self.server.logs);
            logs.restored(&self.server);
            self.server.logs = logs;
        }
    }

    fn prune(&mut self) {
        let (room, keep) = (some_room(&mut self.rng), self.rng.next() % 40);
        self.server.prune(&room, keep);
    }

    /// A polite restart: goodbye, one more commit, and the connections are closed.
    fn restart(&mut self) {
        self.with_server(ModelServer::say_goodbye);
        self.with_server(ModelServer::commit);
        for number in self.server.connections() {
            self.close(number, 4000);
        }
        self.server.up_at = self.now + self.rng.next() % 1000;
    }

    /// Too slow, too many, a fault of the server's: come back.
    fn close_one(&mut self, peer: usize) {
        if let Some((_, number)) = self.peers[peer].socket {
            self.close(number, 4002);
        }
    }
}
