//! A connection among those of its worker.

use super::Home;

/// A connection among its shard's, for as long as this lives.
pub struct Registered {
    pub(super) home: Home,
    pub(super) number: usize,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.home.shard.remove(self.number);
    }
}
