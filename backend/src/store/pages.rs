//! How much of what is read makes a page: the bounds that hold in every engine.

use super::{MessagePage, PAGE_BYTES_MAX, Range, StoreError, StoredEvent};
use common::ids::Seq;

/// Takes events up to `limit` of them, and to [`PAGE_BYTES_MAX`], one at the least. Returns whether there
/// are more: one more than that is enough to say so.
pub(super) fn take_page(
    found: impl Iterator<Item = Result<StoredEvent, StoreError>>,
    limit: usize,
) -> Result<(Vec<StoredEvent>, bool), StoreError> {
    let (mut events, mut bytes) = (Vec::new(), 0);
    for next in found {
        let next = next?;
        bytes += next.event.body.bytes();
        if events.len() == limit || (bytes > PAGE_BYTES_MAX && !events.is_empty()) {
            return Ok((events, true));
        }
        events.push(next);
    }
    Ok((events, false))
}

impl MessagePage {
    /// Adds what changes the messages, in the direction of reading. Drops the messages whose changes
    /// would take more than [`PAGE_BYTES_MAX`], but never `nearest`, the one that is read first.
    pub(super) fn take_changes(
        &mut self,
        found: impl Iterator<Item = Result<StoredEvent, StoreError>>,
        range: Range,
        nearest: Seq,
    ) -> Result<(), StoreError> {
        let mut bytes = 0;
        for change in found {
            let change = change?;
            bytes += change.event.body.bytes();
            let target = change.event.body.target().unwrap_or(nearest);
            if bytes > PAGE_BYTES_MAX && target != nearest {
                self.cut(range, target);
                break;
            }
            self.changes.push(change);
        }
        self.changes.sort_by_key(|change| change.seq);
        Ok(())
    }

    /// Drops the message at `from`, everything beyond it in the direction of reading, and what
    /// changes them.
    fn cut(&mut self, range: Range, from: Seq) {
        let is_kept = |seq: Seq| match range {
            Range::After(_) => seq < from,
            Range::Newest | Range::Before(_) => seq > from,
        };
        self.messages.retain(|message| is_kept(message.seq));
        self.changes
            .retain(|change| change.event.body.target().is_none_or(is_kept));
        self.more = true;
    }
}
