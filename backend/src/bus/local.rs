//! The bus of a single node: there is nobody to tell.

use super::{Bus, Hint, NodeMessage, PresenceHint, ReadHint, Receiver, Subscription};
use common::text::RoomName;

/// See the module.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalBus;

impl Bus for LocalBus {
    fn publish(&self, _: &RoomName, _: &Hint) {}

    fn publish_presence(&self, _: &RoomName, _: &PresenceHint) {}

    fn publish_read(&self, _: &RoomName, _: &ReadHint) {}

    fn publish_to_nodes(&self, _: &NodeMessage) {}

    fn subscribe(&self, _: &RoomName) -> Option<Subscription> {
        None
    }

    fn start(&self, _: Receiver) {}

    fn is_local(&self) -> bool {
        true
    }

    fn is_connected(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::contract::test_bus;
    use std::sync::Arc;

    test_bus!((Arc::new(LocalBus), Arc::new(LocalBus), ()));
}
