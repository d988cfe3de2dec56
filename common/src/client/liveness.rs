//! Whether the server still answers.
//!
//! Browsers answer the server's WebSocket pings by themselves and tell the page nothing of it, so
//! a client that hears nothing asks with a `ping` frame of its own.

use super::input::Millis;

#[derive(Debug, Clone)]
pub(super) struct Liveness {
    heartbeat_ms: u64,
    probe_ms: u64,
    heard: Millis,
    /// A ping is out, and something must be heard by then.
    probe: Option<Millis>,
    /// One ping was slept through and asked again. There is no third.
    probe_restarted: bool,
}

/// What silence calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LivenessCheck {
    Fine,
    Ping,
    Dead,
}

impl Liveness {
    pub(super) fn new(heartbeat_ms: u64, probe_ms: u64, now: Millis) -> Self {
        // A server that named 0 would be pinged without pause.
        let heartbeat_ms = heartbeat_ms.max(1000);
        Self {
            heartbeat_ms,
            probe_ms,
            heard: now,
            probe: None,
            probe_restarted: false,
        }
    }

    /// Something came: whatever it was, the server is there.
    pub(super) fn heard(&mut self, now: Millis) {
        self.heard = now;
        self.probe = None;
        self.probe_restarted = false;
    }

    pub(super) fn deadline(&self) -> Millis {
        self.probe.unwrap_or(self.heard.plus(self.heartbeat_ms))
    }

    pub(super) fn check(&mut self, now: Millis) -> LivenessCheck {
        match self.probe {
            _ if now < self.deadline() => LivenessCheck::Fine,
            Some(_) => LivenessCheck::Dead,
            None => {
                self.probe = Some(now.plus(self.probe_ms));
                LivenessCheck::Ping
            }
        }
    }

    /// There is reason to probe_soon the connection: something must be heard within `hint_probe_ms`. Says
    /// whether to send a ping.
    ///
    /// A deadline that was slept through proves nothing, for the answer may have been slept
    /// through too: the first time it is set anew.
    pub(super) fn probe_soon(&mut self, now: Millis, hint_probe_ms: u64) -> bool {
        let soon = now.plus(hint_probe_ms);
        match self.probe {
            Some(by) if now < by => {
                self.probe = Some(by.min(soon));
                false
            }
            Some(_) if self.probe_restarted => false,
            slept_through => {
                self.probe_restarted = slept_through.is_some();
                self.probe = Some(soon);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn liveness() -> Liveness {
        Liveness::new(25_000, 10_000, Millis(0))
    }

    #[test]
    fn silence_for_a_heartbeat_is_asked_about_and_silence_after_that_is_death() {
        let mut liveness = liveness();
        assert_eq!(liveness.check(Millis(24_999)), LivenessCheck::Fine);
        assert_eq!(liveness.check(Millis(25_000)), LivenessCheck::Ping);
        assert_eq!(liveness.check(Millis(34_999)), LivenessCheck::Fine);
        assert_eq!(liveness.check(Millis(35_000)), LivenessCheck::Dead);
    }

    #[test]
    fn whatever_is_heard_ends_the_doubt() {
        let mut liveness = liveness();
        assert_eq!(liveness.check(Millis(25_000)), LivenessCheck::Ping);
        liveness.heard(Millis(26_000));
        assert_eq!(liveness.check(Millis(50_999)), LivenessCheck::Fine);
        assert_eq!(liveness.check(Millis(51_000)), LivenessCheck::Ping);
    }

    #[test]
    fn doubt_shortens_the_wait_and_never_lengthens_it() {
        let mut liveness = liveness();
        assert!(liveness.probe_soon(Millis(1000), 4000));
        assert!(!liveness.probe_soon(Millis(2000), 4000));
        assert_eq!(liveness.deadline(), Millis(5000));
    }

    #[test]
    fn a_deadline_that_was_slept_through_is_set_anew_once() {
        let mut liveness = liveness();
        assert!(liveness.probe_soon(Millis(0), 4000));
        assert!(liveness.probe_soon(Millis(60_000), 4000));
        assert_eq!(liveness.check(Millis(60_000)), LivenessCheck::Fine);
        assert!(!liveness.probe_soon(Millis(120_000), 4000));
        assert_eq!(liveness.check(Millis(120_000)), LivenessCheck::Dead);
    }
}
