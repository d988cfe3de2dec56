//! What a live room hears from other nodes and tells them.

use super::Room;
use crate::bus::PresenceHint;
use common::ids::Seq;

impl Room {
    /// Notes that the log has an event at `seq`, which is to be read from the store unless it is here.
    pub fn note(&self, seq: Seq) {
        self.state.lock().note(seq);
    }

    /// The newest event that waits for others before it, which are to be read from the store.
    #[must_use]
    pub fn newest_early(&self) -> Option<Seq> {
        self.state.lock().newest_early()
    }

    /// Takes what another node says of its users. Returns whether members should be told, and what that
    /// node should be.
    pub fn receive_presence(&self, node: u64, hint: PresenceHint) -> (bool, Option<PresenceHint>) {
        self.state.lock().receive_presence(node, hint)
    }

    /// A node is gone, and its users with it. Returns whether members should be told.
    pub fn forget_node(&self, node: u64) -> bool {
        self.state.lock().forget_node(node)
    }

    /// What other nodes are to be told of the users of this one since the last time.
    pub fn take_untold_presence(&self) -> Option<PresenceHint> {
        let is_told = self.subscription.is_some();
        let untold = self.state.lock().take_untold_presence();
        untold.filter(|_| is_told)
    }

    /// Who is online on this node, for another; none where no other is told.
    #[must_use]
    pub fn presence_here(&self) -> Option<PresenceHint> {
        self.subscription.as_ref()?;
        self.state.lock().presence_here()
    }
}
