//! Expiring proof of identity: the shell is asked for a new one before the current one expires.
//!
//! What it is made of (a cookie that a page cannot even see, a program's token) is the shell's.
//! The core knows how long it holds, asks for the next one in time, and tells the server with
//! `authenticate`, so that the connection keeps its place. While the server would not have the
//! present one, no connection is made.

use super::Client;
use super::backoff::Backoff;
use super::config::Config;
use super::connection_state::Phase;
use super::effect::{Change, Effect};
use super::input::Millis;
use super::rng::Rng;
use crate::command::Authenticate;
use crate::error::CloseCode;
use crate::frame::ClientFrame;
use crate::token::Token;

#[derive(Debug, Clone)]
pub(super) struct CredentialState {
    step: Step,
    /// When the present one runs out, where that is known.
    ends: Option<Millis>,
    /// A new one was brought, and no server has welcomed it yet.
    is_unconfirmed: bool,
    backoff: Backoff,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Nothing is known that runs out.
    NonExpiring,
    /// It is to be replaced then.
    Valid { until: Millis },
    /// The shell was asked for the next one, and answers by then.
    Refreshing { by: Millis },
    /// There was none to be had; the shell is asked again then.
    Waiting { until: Millis },
}

impl CredentialState {
    pub(super) fn new(backoff: Backoff) -> Self {
        Self {
            step: Step::NonExpiring,
            ends: None,
            is_unconfirmed: false,
            backoff,
        }
    }

    /// When something next needs doing.
    pub(super) fn deadline(&self) -> Option<Millis> {
        match self.step {
            Step::NonExpiring => None,
            Step::Valid { until } | Step::Waiting { until } => Some(until),
            Step::Refreshing { by } => Some(by),
        }
    }

    /// When the shell is asked again, where it had none the last time.
    pub(super) fn retry_at(&self) -> Option<Millis> {
        match self.step {
            Step::Waiting { until } => Some(until),
            _ => None,
        }
    }

    pub(super) fn has_ended(&self, now: Millis) -> bool {
        self.ends.is_some_and(|ends| ends <= now)
    }

    /// A server has welcomed the present one.
    pub(super) fn welcomed(&mut self) {
        self.is_unconfirmed = false;
        self.backoff.reset();
    }

    fn renewed(&mut self, valid_for_ms: Option<u64>, now: Millis, config: &Config) {
        /// A server that named 0 would be asked without pause.
        const REST_MS_MIN: u64 = 500;
        self.is_unconfirmed = true;
        self.ends = valid_for_ms.map(|ms| now.plus(ms));
        self.step = valid_for_ms.map_or(Step::NonExpiring, |ms| {
            let early_ms = config.refresh_early_ms.min(ms / 4);
            Step::Valid {
                until: now.plus(ms.saturating_sub(early_ms).max(REST_MS_MIN)),
            }
        });
    }

    fn postpone(&mut self, now: Millis, rng: &mut Rng) {
        self.step = Step::Waiting {
            until: now.plus(self.backoff.next(rng)),
        };
    }
}

impl Client {
    /// Asks for the next proof, unless that has been done.
    pub(super) fn refresh(&mut self) {
        if matches!(self.credential.step, Step::Refreshing { .. }) {
            return;
        }
        self.credential.step = Step::Refreshing {
            by: self.now().plus(self.config.answer_ms),
        };
        self.effects.push(Effect::Refresh);
    }

    /// The server does not take the present proof, or it is known to have run out. One that was
    /// brought just now and is not taken either gives no reason to hurry.
    pub(super) fn await_credential(&mut self) {
        self.lost(Phase::AwaitingCredential);
        if !self.credential.is_unconfirmed {
            self.refresh();
        } else if !matches!(self.credential.step, Step::Refreshing { .. }) {
            self.credential.postpone(self.now(), &mut self.rng);
        }
    }

    /// Now is a good time to ask again.
    pub(super) fn retry_credential_now(&mut self) {
        if matches!(self.credential.step, Step::Waiting { .. }) {
            self.refresh();
        }
    }

    /// The shell has the next proof.
    pub(super) fn refreshed(&mut self, token: Option<Token>, valid_for_ms: Option<u64>) {
        self.credential
            .renewed(valid_for_ms, self.now(), &self.config);
        match &self.connection.phase {
            Phase::AwaitingCredential => self.connect(),
            Phase::Welcomed(_) => {
                let proof = Authenticate { id: None, token };
                self.effects
                    .push(Effect::Send(ClientFrame::Authenticate(proof)));
                self.credential.welcomed();
            }
            _ => {}
        }
    }

    /// The shell could not get it.
    pub(super) fn not_refreshed(&mut self) {
        if matches!(self.credential.step, Step::Refreshing { .. }) {
            self.credential.postpone(self.now(), &mut self.rng);
            self.mark(Change::Connection);
        }
    }

    /// There is nothing left to prove oneself with.
    pub(super) fn sign_in_ended(&mut self) {
        self.credential.step = Step::NonExpiring;
        self.credential.ends = None;
        if !matches!(self.connection.phase, Phase::Stopped { .. }) {
            self.disconnect();
            self.lost(Phase::Stopped {
                code: Some(CloseCode::SignInEnded.code()),
            });
        }
    }

    /// Does what is due.
    pub(super) fn maintain_credential(&mut self) {
        let now = self.now();
        if matches!(self.connection.phase, Phase::Stopped { .. }) {
            return;
        }
        match self.credential.step {
            Step::Valid { until } | Step::Waiting { until } if until <= now => self.refresh(),
            Step::Refreshing { by } if by <= now => self.not_refreshed(),
            _ => {}
        }
    }
}
