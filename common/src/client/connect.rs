//! The life of the connection: made, doubted, lost, made again.

use super::Client;
use super::effect::{Change, Effect};
use super::input::{Attempt, Millis};
use super::link::{Connection, Phase};
use super::liveness::{Liveness, Verdict};
use crate::command::Ping;
use crate::error::CloseCode;
use crate::frame::ClientFrame;
use crate::reply::Welcome;

impl Client {
    pub(super) fn start(&mut self) {
        if matches!(self.link.phase, Phase::Stopped { .. }) {
            self.link.backoff.reset();
            self.connect();
        }
    }

    pub(super) fn stop(&mut self) {
        self.hang_up();
        self.lost(Phase::Stopped { code: None });
    }

    pub(super) fn opened(&mut self, attempt: Attempt) {
        if attempt == self.link.attempt && matches!(self.link.phase, Phase::Opening { .. }) {
            self.link.network_lost = false;
            self.link.phase = Phase::Greeting {
                by: self.now().plus(self.config.welcome_ms),
            };
        }
    }

    pub(super) fn closed(&mut self, attempt: Attempt, code: Option<u16>) {
        if attempt != self.link.attempt || !self.link.has_socket() {
            return;
        }
        match code {
            Some(code) if CloseCode::is_terminal(code) => {
                self.lost(Phase::Stopped { code: Some(code) });
            }
            Some(code) if code == CloseCode::SignInExpired.code() => self.prove_first(),
            _ => self.retry_later(),
        }
    }

    /// Whether a frame from this socket counts; if so, the server is there.
    pub(super) fn heard(&mut self, attempt: Attempt) -> bool {
        let now = self.now();
        let counts = attempt == self.link.attempt
            && matches!(self.link.phase, Phase::Greeting { .. } | Phase::Welcomed(_));
        if counts {
            self.link.network_lost = false;
        }
        if counts && let Some(connection) = self.link.connection() {
            connection.liveness.heard(now);
        }
        counts
    }

    pub(super) fn welcomed(&mut self, welcome: Box<Welcome>) {
        if !matches!(self.link.phase, Phase::Greeting { .. }) {
            return;
        }
        if self
            .config
            .user
            .as_ref()
            .is_some_and(|user| *user != welcome.user.id)
        {
            self.welcome = Some(welcome);
            self.hang_up();
            self.lost(Phase::Stopped { code: None });
            return;
        }
        let liveness = Liveness::new(welcome.heartbeat_ms, self.config.probe_ms, self.now());
        self.link.phase = Phase::Welcomed(Connection::new(liveness));
        self.proof.welcomed();
        self.welcome = Some(welcome);
        self.changes.insert(Change::Connection);
    }

    /// Now is a good time: connect if waiting, make sure if connected.
    pub(super) fn nudge(&mut self) {
        let now = self.now();
        self.hurry_proof();
        match &mut self.link.phase {
            Phase::Stopped { .. } | Phase::Proving => {}
            Phase::Waiting { .. } => self.connect(),
            // The attempt was slept through.
            Phase::Opening { by } | Phase::Greeting { by } if *by <= now => {
                self.hang_up();
                self.retry_later();
                self.connect();
            }
            Phase::Opening { .. } | Phase::Greeting { .. } => {}
            Phase::Welcomed(_) => self.doubt(),
        }
    }

    pub(super) fn network_lost(&mut self) {
        self.link.network_lost = true;
        self.doubt();
    }

    pub(super) fn network_back(&mut self) {
        self.link.network_lost = false;
        self.nudge();
    }

    fn doubt(&mut self) {
        let (now, doubt_ms) = (self.now(), self.config.doubt_ms);
        if let Some(connection) = self.link.connection()
            && connection.liveness.doubt(now, doubt_ms)
        {
            self.ping();
        }
    }

    fn ping(&mut self) {
        self.effects
            .push(Effect::Send(ClientFrame::Ping(Ping { id: None })));
    }

    /// The time that was slept through says nothing about a server that had no chance to answer.
    pub(super) fn woke_up(&mut self) {
        let now = self.now();
        if let Some(connection) = self.link.connection() {
            connection.requests.start_over(now);
        }
        self.nudge();
    }

    /// Does what is due on the link.
    pub(super) fn keep_link(&mut self) {
        let now = self.now();
        match &mut self.link.phase {
            Phase::Waiting { until } if *until <= now => self.connect(),
            Phase::Opening { by } | Phase::Greeting { by } if *by <= now => self.give_up(),
            Phase::Welcomed(connection) => {
                let overdue = connection
                    .give_up_at(&self.config)
                    .is_some_and(|at| at <= now);
                match connection.liveness.verdict(now) {
                    _ if overdue => self.give_up(),
                    Verdict::Dead => self.give_up(),
                    Verdict::Ping => self.ping(),
                    Verdict::Fine => {}
                }
            }
            _ => {}
        }
    }

    /// Makes a connection, with a proof that the server will take.
    pub(super) fn connect(&mut self) {
        if self.proof.has_ended(self.now()) {
            self.prove_first();
            return;
        }
        self.link.attempt.0 += 1;
        self.link.phase = Phase::Opening {
            by: self.now().plus(self.config.open_ms),
        };
        self.effects.push(Effect::Connect {
            attempt: self.link.attempt,
        });
    }

    fn give_up(&mut self) {
        self.hang_up();
        self.retry_later();
    }

    pub(super) fn hang_up(&mut self) {
        if self.link.has_socket() {
            self.effects.push(Effect::Disconnect {
                attempt: self.link.attempt,
            });
        }
    }

    fn retry_later(&mut self) {
        let now = self.now();
        if let Some(since) = self
            .link
            .connection()
            .and_then(|connection| connection.live_since)
        {
            self.link.backoff.was_live_for(now.since(since));
        }
        let wait = match self.link.take_pause() {
            Some(pause) => pause,
            None => self.link.backoff.next(&mut self.rng),
        };
        self.lost(Phase::Waiting {
            until: now.plus(wait),
        });
    }

    /// There is no socket any more.
    pub(super) fn lost(&mut self, phase: Phase) {
        self.link.phase = phase;
        self.announcements.disconnected();
        for room in self.rooms.values_mut() {
            room.disconnected();
        }
        self.outbox.disconnected();
        self.changes.insert(Change::Announcements);
        self.changes
            .extend(self.rooms.keys().cloned().map(Change::Room));
    }

    /// Remembers since when the connection has been live.
    pub(super) fn note_live(&mut self, now: Millis) {
        if let Some(connection) = self.link.connection() {
            connection.live_since.get_or_insert(now);
        }
    }
}
