//! A page of history: each message in its present state, within a limit of bytes.

use crate::room::encode::fold;
use crate::store::{MessagePage, Range};
use common::event::MessagePosted;
use common::reply::HistoryPage;
use common::text::RoomName;
use std::io;

/// Encoded bytes of the messages in a page: what a slow reader can take in a reasonable time. A
/// single message that is larger makes a page of its own.
pub const PAGE_BYTES_MAX: usize = 256 * 1024;

/// Applies edits, deletions and reactions to the messages that the store has read, and drops
/// messages from the far end until the rest fits into [`PAGE_BYTES_MAX`].
pub(super) fn history_page(room: &RoomName, range: Range, page: MessagePage) -> HistoryPage {
    let mut messages = fold(page.messages, page.changes);
    let is_cut = trim(&mut messages, range, PAGE_BYTES_MAX);
    HistoryPage {
        room: room.clone(),
        epoch: page.at.epoch,
        head: page.at.head,
        messages,
        more: page.more || is_cut,
    }
}

/// Keeps the messages nearest to where the reader starts, one at least. Returns whether any were
/// dropped.
fn trim(messages: &mut Vec<MessagePosted>, range: Range, bytes_max: usize) -> bool {
    let mut left = bytes_max;
    let mut fits = |message: &&MessagePosted| {
        let rest = left.checked_sub(encoded_bytes(message));
        rest.map(|rest| left = rest).is_some()
    };
    let all = messages.len();
    let kept = match range {
        Range::After(_) => messages.iter().take_while(&mut fits).count(),
        Range::Newest | Range::Before(_) => messages.iter().rev().take_while(&mut fits).count(),
    };
    let kept = kept.max(1).min(all);
    match range {
        Range::After(_) => messages.truncate(kept),
        Range::Newest | Range::Before(_) => drop(messages.drain(..all - kept)),
    }
    kept < all
}

/// Bytes of the message as JSON. Counted rather than estimated: escaping can make a text six times
/// as long.
fn encoded_bytes(message: &MessagePosted) -> usize {
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, message) {
        Ok(()) => counter.0,
        Err(_) => usize::MAX,
    }
}

/// Counts the bytes written to it.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::event;
    use crate::store::{Body, NewEvent, RoomHead, StoredEvent};
    use common::ids::Seq;
    use common::text::Content;

    const TEXT_BYTES: usize = 16 * 1024;

    fn stored(seq: u64, body: Body) -> StoredEvent {
        let event = NewEvent {
            body,
            ..event("a", "ada", None, "x")
        };
        StoredEvent {
            seq: Seq(seq),
            event,
        }
    }

    /// Messages 1 to `count`, each short as posted and edited to `content`.
    fn edited(count: u64, content: &str) -> MessagePage {
        let content: Content = content.parse().unwrap();
        let message = |n| stored(n, event("a", "ada", None, "x").body);
        let edit = |n| {
            let body = Body::Edit {
                target: Seq(n),
                content: Some(content.clone()),
                data: None,
            };
            stored(count + n, body)
        };
        MessagePage {
            at: RoomHead::empty("e".parse().unwrap()),
            messages: (1..=count).map(message).collect(),
            changes: (1..=count).map(edit).collect(),
            more: false,
        }
    }

    fn seqs(page: &HistoryPage) -> Vec<u64> {
        page.messages.iter().map(|message| message.seq.0).collect()
    }

    #[test]
    fn a_page_of_edited_messages_is_bounded_by_what_they_say_now() {
        let room = "a".parse().unwrap();
        for (content, fit) in [("x".repeat(TEXT_BYTES), 15), ("\"".repeat(TEXT_BYTES), 7)] {
            for (range, expected) in [
                (Range::Newest, 201 - fit..=200),
                (Range::Before(Seq(201)), 201 - fit..=200),
                (Range::After(Seq(0)), 1..=fit),
            ] {
                let page = history_page(&room, range, edited(200, &content));
                let bytes: usize = page.messages.iter().map(encoded_bytes).sum();
                assert!(bytes <= PAGE_BYTES_MAX, "{bytes} bytes, {range:?}");
                assert_eq!(seqs(&page), expected.collect::<Vec<_>>(), "{range:?}");
                assert!(page.more, "{range:?}");
            }
        }
    }

    #[test]
    fn a_message_over_the_bound_comes_alone() {
        let mut messages = fold(edited(3, "four").messages, Vec::new());
        assert!(trim(&mut messages, Range::Newest, 1));
        assert_eq!(messages.first().map(|message| message.seq), Some(Seq(3)));
        assert_eq!(messages.len(), 1);
        assert!(!trim(&mut messages, Range::Newest, 1), "nothing is dropped");
    }

    #[test]
    fn an_empty_page_stays_empty() {
        let page = history_page(&"a".parse().unwrap(), Range::Newest, edited(0, "x"));
        assert!(page.messages.is_empty() && !page.more);
    }
}
