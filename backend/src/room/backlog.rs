//! The part of a room's log that has left its tail, for readers who still want it.
//!
//! Readers come in crowds: after a restart everybody wants the same page. A page is read from the
//! store and encoded once, however many ask for it meanwhile, and kept for the next who do.

use super::{Frame, encode};
use crate::store::{EventStore, Range, StoreError};
use common::ids::Seq;
use common::text::RoomName;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Events in a page. Pages begin at multiples of it, so that readers meet in them.
const PAGE_EVENTS: u64 = 128;

/// Bytes given to a reader at once, one event at the least: what may wait for a slow socket.
const READ_BYTES_MAX: usize = 64 * 1024;

/// Pages that are kept.
const PAGES_MAX: usize = 4;

/// See the module.
#[derive(Default)]
pub struct Backlog {
    pages: Mutex<VecDeque<Arc<Page>>>,
}

/// The events behind `start`, up to `end`.
struct Page {
    start: Seq,
    end: Seq,
    frames: OnceCell<Vec<(Seq, Frame)>>,
}

/// What a reader is given.
#[derive(Debug, PartialEq, Eq)]
pub enum CatchUp {
    /// The next events, up to and including `cursor`.
    Frames {
        /// The frames, in order; fewer than there are seqs only where the log has a hole.
        frames: Vec<Frame>,
        /// The reader's cursor once it has them.
        cursor: Seq,
    },
    /// Retention has dropped what the reader wants next.
    Gone,
}

impl Backlog {
    /// The next events behind `cursor`, as far as one page goes, none beyond `head`.
    ///
    /// # Errors
    /// The store cannot be read. The next call tries again.
    pub async fn read(
        &self,
        store: &dyn EventStore,
        room: &RoomName,
        cursor: Seq,
        head: Seq,
    ) -> Result<CatchUp, StoreError> {
        let page = self.page(cursor, head);
        let frames = page
            .frames
            .get_or_try_init(|| load(store, room, &page))
            .await?;
        let next = frames.iter().position(|(seq, _)| *seq > cursor);
        match next.and_then(|at| frames.get(at..)) {
            Some(rest) if rest.first().is_some_and(|(seq, _)| *seq == cursor.next()) => {
                let (frames, last) = some_of(rest);
                // A page that ends with a hole is done with all the same.
                let is_all = frames.len() == rest.len();
                Ok(CatchUp::Frames {
                    cursor: last.filter(|_| !is_all).unwrap_or(page.end),
                    frames,
                })
            }
            _ => Ok(CatchUp::Gone),
        }
    }

    /// The kept page that holds what lies behind `cursor`, or a new one.
    fn page(&self, cursor: Seq, head: Seq) -> Arc<Page> {
        let start = Seq(cursor.0 - cursor.0 % PAGE_EVENTS);
        let mut pages = self.pages.lock();
        let kept = pages
            .iter()
            .find(|page| page.start == start && page.end > cursor);
        if let Some(page) = kept {
            return Arc::clone(page);
        }
        // A page that ended at an older head is replaced by one that goes further.
        pages.retain(|page| page.start != start);
        if pages.len() == PAGES_MAX {
            pages.pop_front();
        }
        let page = Arc::new(Page {
            start,
            end: head.min(Seq(start.0 + PAGE_EVENTS)),
            frames: OnceCell::new(),
        });
        pages.push_back(Arc::clone(&page));
        page
    }

    /// Forgets what is kept: something in it was erased.
    pub fn clear(&self) {
        self.pages.lock().clear();
    }
}

/// The first frames, as many as may be given at once, and the last one's place.
fn some_of(frames: &[(Seq, Frame)]) -> (Vec<Frame>, Option<Seq>) {
    let mut bytes = 0;
    let fits = |(_, frame): &&(Seq, Frame)| {
        let is_first = bytes == 0;
        bytes += frame.len();
        is_first || bytes <= READ_BYTES_MAX
    };
    let given = frames.iter().take_while(fits);
    let given: Vec<_> = given.map(|(_, frame)| frame.clone()).collect();
    let last = given.len().checked_sub(1).and_then(|at| frames.get(at));
    (given, last.map(|(seq, _)| *seq))
}

async fn load(
    store: &dyn EventStore,
    room: &RoomName,
    page: &Page,
) -> Result<Vec<(Seq, Frame)>, StoreError> {
    let limit = usize::try_from(page.end.0 - page.start.0).unwrap_or_default();
    let read = store.read(room, Range::After(page.start), limit).await?;
    // What is stored but not published yet comes from the tail, in its turn.
    let events = read
        .events
        .into_iter()
        .take_while(|stored| stored.seq <= page.end);
    Ok(events
        .map(|stored| (stored.seq, encode::encode(stored.event, stored.seq)))
        .collect())
}

#[cfg(test)]
mod tests;
