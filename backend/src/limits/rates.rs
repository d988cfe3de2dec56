//! The rates of the configuration, as token buckets take them.

use super::bucket::Rate;
use crate::config::LimitsConfig;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

impl LimitsConfig {
    /// What one user may send.
    pub(super) fn messages(&self) -> Option<Rate> {
        Rate::new(self.messages_per_second, SECOND, self.messages_burst)
    }

    /// What one user may join and read.
    pub(super) fn joins(&self) -> Option<Rate> {
        Rate::new(self.joins_per_second, SECOND, self.joins_burst)
    }

    /// How many rooms one user may begin.
    pub(super) fn rooms(&self) -> Option<Rate> {
        Rate::new(self.rooms_per_minute, MINUTE, self.rooms_burst)
    }

    /// How often one user may read over HTTP.
    pub(super) fn reads(&self) -> Option<Rate> {
        Rate::new(self.reads_per_second, SECOND, self.reads_burst)
    }

    /// How many bytes one user may read over HTTP.
    pub(super) fn read_bytes(&self) -> Option<Rate> {
        Rate::new(self.read_bytes_per_second, SECOND, self.read_bytes_burst)
    }

    /// How often one address may try to sign in.
    pub(super) fn attempts_per_address(&self) -> Option<Rate> {
        let burst = self.attempts_per_address_burst;
        Rate::new(self.attempts_per_address, MINUTE, burst)
    }

    /// How often one name may be tried.
    pub(super) fn attempts_per_name(&self) -> Option<Rate> {
        Rate::new(self.attempts_per_name, MINUTE, self.attempts_per_name_burst)
    }
}
