//! Which announcements the banner shows.

use common::event::MessagePosted;
use common::ids::Seq;
use common::time::Timestamp;
use std::sync::Arc;

/// An announcement older than this is no news to one who comes now.
const FRESH_MS: u64 = 24 * 60 * 60 * 1000;
/// As many as the banner shows at once.
const SHOWN_MAX: usize = 3;

/// An announcement's place in time, by which it is put away.
#[must_use]
pub fn context(message: &MessagePosted) -> (Timestamp, Seq) {
    (message.timestamp, message.seq)
}

/// The newest announcements that were not put away and are still news, in order.
#[must_use]
pub fn shown<'m>(
    messages: impl DoubleEndedIterator<Item = &'m Arc<MessagePosted>>,
    dismissed: Option<(Timestamp, Seq)>,
    now: Timestamp,
) -> Vec<Arc<MessagePosted>> {
    let is_news = |message: &&Arc<MessagePosted>| {
        Some(context(message)) > dismissed && now.0.saturating_sub(message.timestamp.0) < FRESH_MS
    };
    let mut news: Vec<_> = messages
        .rev()
        .filter(is_news)
        .take(SHOWN_MAX)
        .cloned()
        .collect();
    news.reverse();
    news
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn announcement(seq: u64, at: u64) -> Arc<MessagePosted> {
        let at = Timestamp(at);
        let json = format!(
            r#"{{"room":"$broadcast","seq":{seq},"from":"Ada","user":"ada","content":"hear, hear",
                "timestamp":"{at}"}}"#
        );
        Arc::new(serde_json::from_str(&json).unwrap())
    }

    #[wasm_bindgen_test]
    fn news_is_what_is_fresh_and_was_not_put_away() {
        let day = FRESH_MS;
        let all: Vec<_> = (1..=5).map(|n| announcement(n, n * 1000)).collect();
        let seqs = |dismissed, now| -> Vec<u64> {
            shown(all.iter(), dismissed, Timestamp(now))
                .iter()
                .map(|m| m.seq.0)
                .collect()
        };
        assert_eq!(seqs(None, 6000), [3, 4, 5]);
        assert_eq!(seqs(Some((Timestamp(4000), Seq(4))), 6000), [5]);
        assert_eq!(seqs(Some((Timestamp(5000), Seq(5))), 6000), [0u64; 0]);
        // The log began anew: an older place with a lower seq does not hide what is new.
        assert_eq!(seqs(Some((Timestamp(4500), Seq(90))), 6000), [5]);
        assert_eq!(seqs(None, 4500 + day), [5]);
    }
}
