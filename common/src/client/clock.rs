//! A clock that only moves forward, derived from one that can be set back, pause and jump.

use super::input::Millis;

/// Turns the shell's time into the core's own, which never goes back. Deadlines are kept in the
/// core's time, so that setting the clock back by an hour delays nothing by an hour.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock {
    now: Millis,
    /// The core's time less the shell's.
    ahead_ms: u64,
    /// The wake-up that was asked for, in the core's time.
    asked: Option<Millis>,
}

impl Clock {
    /// Takes in the shell's time.
    pub(super) fn advance(&mut self, shell: Millis) {
        let now = shell.plus(self.ahead_ms);
        self.ahead_ms = self.ahead_ms.saturating_add(self.now.since(now));
        self.now = self.now.max(now);
    }

    pub(super) fn now(&self) -> Millis {
        self.now
    }

    /// A time of the core's as the shell counts it.
    pub(super) fn to_shell(&self, time: Millis) -> Millis {
        Millis(time.0.saturating_sub(self.ahead_ms))
    }

    /// Whether the wake-up that was asked for is long past: the machine slept, or the page did.
    /// True once for each wake-up.
    pub(super) fn clock_jumped(&mut self, sleep_ms: u64) -> bool {
        let late = self
            .asked
            .is_some_and(|asked| self.now.since(asked) > sleep_ms);
        if late {
            self.asked = None;
        }
        late
    }

    /// The wake-up that was asked for is used up.
    pub(super) fn ticked(&mut self) {
        self.asked = None;
    }

    /// Whether the shell must be asked to wake the core at `deadline`. A wake-up that comes too
    /// early is cheap, so a deadline that moves away, as it does with every frame that shows the
    /// connection alive, costs the shell no new timer.
    pub(super) fn ask(&mut self, deadline: Millis) -> bool {
        let sooner = self.asked.is_none_or(|asked| deadline < asked);
        if sooner {
            self.asked = Some(deadline);
        }
        sooner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_stands_still_for_a_moment_and_then_goes_on() {
        let mut clock = Clock::default();
        clock.advance(Millis(5000));
        assert_eq!(clock.now(), Millis(5000));
        clock.advance(Millis(1000));
        assert_eq!(clock.now(), Millis(5000));
        assert_eq!(clock.to_shell(Millis(5000)), Millis(1000));
        clock.advance(Millis(1300));
        assert_eq!(clock.now(), Millis(5300));
        assert_eq!(clock.to_shell(Millis(6000)), Millis(2000));
    }

    #[test]
    fn only_an_earlier_deadline_needs_a_new_timer() {
        let mut clock = Clock::default();
        assert!(clock.ask(Millis(100)));
        assert!(!clock.ask(Millis(200)));
        assert!(clock.ask(Millis(50)));
        clock.ticked();
        assert!(clock.ask(Millis(50)));
    }

    #[test]
    fn a_missed_wake_up_is_noticed_once() {
        let mut clock = Clock::default();
        clock.ask(Millis(100));
        clock.advance(Millis(150));
        assert!(!clock.clock_jumped(50));
        clock.advance(Millis(151));
        assert!(clock.clock_jumped(50));
        assert!(!clock.clock_jumped(50));
    }
}
