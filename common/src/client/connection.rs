//! The life cycle of the connection: opening, liveness checks, loss, reconnecting.

use super::Client;
use super::connection_state::{ActiveConnection, Phase};
use super::effect::{Change, Effect};
use super::input::{Attempt, Millis};
use super::liveness::{Liveness, LivenessCheck};
use crate::command::Ping;
use crate::error::CloseCode;
use crate::frame::ClientFrame;
use crate::reply::Welcome;

impl Client {
    pub(super) fn start(&mut self) {
        if matches!(self.connection.phase, Phase::Stopped { .. }) {
            self.connection.backoff.reset();
            self.connect();
        }
    }

    pub(super) fn stop(&mut self) {
        self.disconnect();
        self.lost(Phase::Stopped { code: None });
    }

    pub(super) fn opened(&mut self, attempt: Attempt) {
        if attempt == self.connection.attempt
            && matches!(self.connection.phase, Phase::Opening { .. })
        {
            self.connection.network_lost = false;
            self.connection.phase = Phase::Greeting {
                by: self.now().plus(self.config.welcome_ms),
            };
        }
    }

    pub(super) fn closed(&mut self, attempt: Attempt, code: Option<u16>) {
        if attempt != self.connection.attempt || !self.connection.has_socket() {
            return;
        }
        match code {
            Some(code) if CloseCode::is_terminal(code) => {
                self.lost(Phase::Stopped { code: Some(code) });
            }
            Some(code) if code == CloseCode::SignInExpired.code() => self.await_credential(),
            _ => self.retry_later(),
        }
    }

    /// Whether a frame from this socket counts; if so, the server is there.
    pub(super) fn heard(&mut self, attempt: Attempt) -> bool {
        let now = self.now();
        let counts = attempt == self.connection.attempt
            && matches!(
                self.connection.phase,
                Phase::Greeting { .. } | Phase::Welcomed(_)
            );
        if counts {
            self.connection.network_lost = false;
        }
        if counts && let Some(connection) = self.connection.active() {
            connection.liveness.heard(now);
        }
        counts
    }

    pub(super) fn welcomed(&mut self, welcome: Box<Welcome>) {
        if !matches!(self.connection.phase, Phase::Greeting { .. }) {
            return;
        }
        if self
            .config
            .user
            .as_ref()
            .is_some_and(|user| *user != welcome.user.id)
        {
            self.welcome = Some(welcome);
            self.disconnect();
            self.lost(Phase::Stopped { code: None });
            return;
        }
        let liveness = Liveness::new(welcome.heartbeat_ms, self.config.probe_ms, self.now());
        self.connection.phase = Phase::Welcomed(ActiveConnection::new(liveness));
        self.credential.welcomed();
        self.want_room_list();
        self.welcome = Some(welcome);
        self.mark(Change::Connection);
    }

    /// Now is a good time: connect if waiting, make sure if connected.
    pub(super) fn check_connection(&mut self) {
        let now = self.now();
        self.retry_credential_now();
        match &mut self.connection.phase {
            Phase::Stopped { .. } | Phase::AwaitingCredential => {}
            Phase::Waiting { .. } => self.connect(),
            // The attempt was slept through.
            Phase::Opening { by } | Phase::Greeting { by } if *by <= now => {
                self.disconnect();
                self.retry_later();
                self.connect();
            }
            Phase::Opening { .. } | Phase::Greeting { .. } => {}
            Phase::Welcomed(_) => self.probe_soon(),
        }
    }

    pub(super) fn network_lost(&mut self) {
        self.connection.network_lost = true;
        self.probe_soon();
    }

    pub(super) fn network_back(&mut self) {
        self.connection.network_lost = false;
        self.check_connection();
    }

    fn probe_soon(&mut self) {
        let (now, hint_probe_ms) = (self.now(), self.config.hint_probe_ms);
        if let Some(connection) = self.connection.active()
            && connection.liveness.probe_soon(now, hint_probe_ms)
        {
            self.ping();
        }
    }

    fn ping(&mut self) {
        self.effects
            .push(Effect::Send(ClientFrame::Ping(Ping { id: None })));
    }

    /// The time that was slept through says nothing about a server that had no chance to answer.
    pub(super) fn resumed_after_sleep(&mut self) {
        let now = self.now();
        if let Some(connection) = self.connection.active() {
            connection.requests.start_over(now);
        }
        self.check_connection();
    }

    /// Does what is due on the link.
    pub(super) fn maintain_connection(&mut self) {
        let now = self.now();
        match &mut self.connection.phase {
            Phase::Waiting { until } if *until <= now => self.connect(),
            Phase::Opening { by } | Phase::Greeting { by } if *by <= now => self.give_up(),
            Phase::Welcomed(connection) => {
                let overdue = connection
                    .give_up_at(&self.config)
                    .is_some_and(|at| at <= now);
                match connection.liveness.check(now) {
                    _ if overdue => self.give_up(),
                    LivenessCheck::Dead => self.give_up(),
                    LivenessCheck::Ping => self.ping(),
                    LivenessCheck::Fine => {}
                }
            }
            _ => {}
        }
    }

    /// Makes a connection, with a proof that the server will take.
    pub(super) fn connect(&mut self) {
        if self.credential.has_ended(self.now()) {
            self.await_credential();
            return;
        }
        self.connection.attempt.0 += 1;
        self.connection.phase = Phase::Opening {
            by: self.now().plus(self.config.open_ms),
        };
        self.effects.push(Effect::Connect {
            attempt: self.connection.attempt,
        });
    }

    fn give_up(&mut self) {
        self.disconnect();
        self.retry_later();
    }

    pub(super) fn disconnect(&mut self) {
        if self.connection.has_socket() {
            self.effects.push(Effect::Disconnect {
                attempt: self.connection.attempt,
            });
        }
    }

    fn retry_later(&mut self) {
        let now = self.now();
        if let Some(since) = self
            .connection
            .active()
            .and_then(|connection| connection.live_since)
        {
            self.connection.backoff.was_live_for(now.since(since));
        }
        let wait = match self.connection.take_server_pause() {
            Some(pause) => pause,
            None => self.connection.backoff.next(&mut self.rng),
        };
        self.lost(Phase::Waiting {
            until: now.plus(wait),
        });
    }

    /// There is no socket any more.
    pub(super) fn lost(&mut self, phase: Phase) {
        self.connection.phase = phase;
        self.announcements.disconnected();
        for room in self.rooms.values_mut() {
            room.disconnected();
        }
        self.outbox.disconnected();
        self.mark(Change::Announcements);
        self.mark_all_rooms_changed();
    }

    /// Remembers since when the connection has been live.
    pub(super) fn note_live(&mut self, now: Millis) {
        if let Some(connection) = self.connection.active() {
            connection.live_since.get_or_insert(now);
        }
    }
}
