//! What goes wrong with clients and connections, whatever the server is.

use crate::server::Server;
use crate::world::World;
use common::client::Input;

impl<S: Server> World<S> {
    pub(crate) fn cut_one(&mut self, peer: usize) {
        if let Some((_, number)) = self.peers[peer].socket {
            S::cut(self, number);
        }
    }

    /// Shut the lid: the client does nothing for up to `ms`, and the connection may die meanwhile,
    /// and the clock may be another afterwards.
    pub(crate) fn sleep(&mut self, peer: usize, ms: u64) {
        let ms = 1 + self.rng.next() % ms;
        self.peers[peer].asleep_until = self.now + ms;
        self.say(format_args!("client {peer} sleeps for {ms} ms"));
        if self.rng.below(2) == 0 {
            self.cut_one(peer);
        }
        if self.rng.below(3) == 0 {
            self.set_clock(peer);
        }
    }

    /// Up to a minute, forward or back.
    pub(crate) fn set_clock(&mut self, peer: usize) {
        let by = i64::try_from(self.rng.next() % 120_000).unwrap() - 60_000;
        self.peers[peer].clock_off_ms += by;
    }

    pub(crate) fn reload(&mut self, peer: usize) {
        if let Some((_, number)) = self.peers[peer].socket.take() {
            self.hang_up(number);
        }
        S::page_gone(self, peer);
        let seed = self.rng.next();
        self.peers[peer].asleep_until = self.now;
        let browser = self.peers[peer].browser;
        self.peers[peer].reload(seed, &self.stored[browser]);
        self.start(peer);
    }

    /// Signed out, or sent away, and back again at once.
    pub(crate) fn stop_and_start(&mut self, peer: usize) {
        self.apply(peer, Input::Stop);
        self.apply(peer, Input::Start);
    }
}
