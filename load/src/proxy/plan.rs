//! What will become of one connection: drawn from its seed alone.

use crate::rng::Rng;
use std::time::Duration;

/// Something bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Both sides lose the connection, by RST or by FIN.
    Cut { reset: bool },
    /// Only what the client says, or only what the server says, is carried for a while; then it is
    /// a cut. So a message may be stored whose `ack` never comes.
    OneWay { up: bool, time: Duration },
    /// Nothing is carried for a while; then all of it comes at once.
    Stall(Duration),
    /// The server sees the end, the client sees nothing at all.
    LoseServer,
    /// The client sees the end, the server sees nothing at all.
    LoseClient,
}

/// One connection's future.
pub(super) struct Plan(Rng);

impl Plan {
    pub(super) fn new(rng: Rng) -> Self {
        Self(rng)
    }

    pub(super) fn fork(&mut self) -> Rng {
        self.0.fork()
    }

    /// The most by which each piece is late; three in four connections are not.
    pub(super) fn jitter(&mut self) -> Option<Duration> {
        (self.0.index(4) == 0).then(|| Duration::from_millis(self.0.range(2, 40)))
    }

    /// The next fault, and the time until it comes.
    pub(super) fn next(&mut self) -> (Duration, Fault) {
        let wait = Duration::from_millis(self.0.range(100, 4_000));
        let fault = match self.0.index(12) {
            0 => Fault::Cut { reset: true },
            1 => Fault::Cut { reset: false },
            2..6 => Fault::OneWay {
                up: self.0.index(4) > 0,
                time: Duration::from_millis(self.0.range(50, 1_500)),
            },
            6..10 => Fault::Stall(Duration::from_millis(self.0.range(300, 4_000))),
            10 => Fault::LoseServer,
            _ => Fault::LoseClient,
        };
        (wait, fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_the_plan_and_every_fault_has_its_turn() {
        let faults = |seed| {
            let mut plan = Plan::new(Rng::new(seed));
            (0..200).map(|_| plan.next()).collect::<Vec<_>>()
        };
        assert_eq!(faults(1), faults(1));
        let all = faults(1);
        for sought in [
            Fault::LoseServer,
            Fault::LoseClient,
            Fault::Cut { reset: true },
        ] {
            assert!(all.iter().any(|(_, fault)| *fault == sought), "{sought:?}");
        }
        assert!(
            all.iter()
                .any(|(_, fault)| matches!(fault, Fault::Stall(_)))
        );
    }
}
