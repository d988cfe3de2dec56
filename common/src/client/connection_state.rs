//! The state of the connection.

use super::backoff::Backoff;
use super::config::Config;
use super::input::{Attempt, Millis};
use super::liveness::Liveness;
use super::requests::Requests;
use crate::reply::Goodbye;

#[derive(Debug, Clone)]
pub(super) struct ConnectionState {
    pub(super) phase: Phase,
    /// The number of the socket that is listened to, or was the last to be.
    pub(super) attempt: Attempt,
    pub(super) backoff: Backoff,
    /// The system says so, and nothing was heard that proves it wrong.
    pub(super) network_lost: bool,
    /// The server asked for this pause in place of the backoff, once.
    server_pause_ms: Option<u64>,
}

/// A socket exists in `Opening`, `Greeting` and `Welcomed`, and in no other phase.
#[derive(Debug, Clone)]
pub(super) enum Phase {
    Stopped {
        code: Option<u16>,
    },
    /// Until the next attempt.
    Waiting {
        until: Millis,
    },
    /// The user's proof does not hold: until there is a new one.
    AwaitingCredential,
    /// The socket must be open by then.
    Opening {
        by: Millis,
    },
    /// `welcome` must be here by then.
    Greeting {
        by: Millis,
    },
    Welcomed(ActiveConnection),
}

/// What belongs to one welcomed connection and ends with it.
#[derive(Debug, Clone)]
pub(super) struct ActiveConnection {
    pub(super) liveness: Liveness,
    pub(super) requests: Requests,
    /// Since when every open room has been joined for the first time.
    pub(super) live_since: Option<Millis>,
    /// After `goodbye`: the server must have closed it by then.
    pub(super) close_by: Option<Millis>,
}

impl ActiveConnection {
    pub(super) fn new(liveness: Liveness) -> Self {
        Self {
            liveness,
            requests: Requests::default(),
            live_since: None,
            close_by: None,
        }
    }
}

impl ConnectionState {
    pub(super) fn new(backoff: Backoff) -> Self {
        Self {
            phase: Phase::Stopped { code: None },
            attempt: Attempt::default(),
            backoff,
            network_lost: false,
            server_pause_ms: None,
        }
    }

    pub(super) fn has_socket(&self) -> bool {
        matches!(
            self.phase,
            Phase::Opening { .. } | Phase::Greeting { .. } | Phase::Welcomed(_)
        )
    }

    pub(super) fn active(&mut self) -> Option<&mut ActiveConnection> {
        match &mut self.phase {
            Phase::Welcomed(connection) => Some(connection),
            _ => None,
        }
    }

    /// The server is about to close the connection.
    pub(super) fn goodbye(&mut self, goodbye: &Goodbye, close_by: Millis) {
        /// No server may send its client away for longer than this.
        const SERVER_PAUSE_MS_MAX: u64 = 300_000;
        self.server_pause_ms = Some(goodbye.reconnect_after_ms.min(SERVER_PAUSE_MS_MAX));
        if let Phase::Welcomed(connection) = &mut self.phase {
            connection.close_by = Some(close_by);
        }
    }

    /// The pause that the server asked for, if it did. Reading it resets it.
    pub(super) fn take_server_pause(&mut self) -> Option<u64> {
        self.server_pause_ms.take()
    }

    /// When the link next needs to act.
    pub(super) fn deadline(&self, config: &Config) -> Option<Millis> {
        match &self.phase {
            Phase::Stopped { .. } | Phase::AwaitingCredential => None,
            Phase::Waiting { until } => Some(*until),
            Phase::Opening { by } | Phase::Greeting { by } => Some(*by),
            Phase::Welcomed(connection) => Some(connection.deadline(config)),
        }
    }
}

impl ActiveConnection {
    fn deadline(&self, config: &Config) -> Millis {
        let give_up = self.give_up_at(config);
        give_up.map_or(self.liveness.deadline(), |at| {
            at.min(self.liveness.deadline())
        })
    }

    /// When to give the connection up, whatever is heard on it: every frame with an `id` is
    /// answered, and a server that has said goodbye closes.
    pub(super) fn give_up_at(&self, config: &Config) -> Option<Millis> {
        let answer_by = self
            .requests
            .oldest()
            .map(|sent| sent.plus(config.answer_ms));
        [self.close_by, answer_by].into_iter().flatten().min()
    }
}
