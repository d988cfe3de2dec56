//! The part of a room's log that has left its tail, for readers that still need it.
//!
//! Readers arrive in crowds: after a restart, all of them need the same page. A page is read from the
//! store and encoded once, however many readers ask for it meanwhile, and cached for the next ones.

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

/// The events behind `start`, up to `end`, or as many of them as the store reads at once.
struct Page {
    start: Seq,
    end: Seq,
    loaded: OnceCell<Loaded>,
}

struct Loaded {
    frames: Vec<(Seq, Frame)>,
    /// Up to where the page goes, now that it is known.
    end: Seq,
}

impl Page {
    fn end(&self) -> Seq {
        self.loaded.get().map_or(self.end, |loaded| loaded.end)
    }

    /// Whether it ends before it was to, because its events are large.
    fn is_cut(&self) -> bool {
        self.end() < self.end
    }
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
    /// `head` lies behind `cursor`.
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
        if head <= cursor {
            let frames = Vec::new();
            return Ok(CatchUp::Frames { frames, cursor });
        }
        loop {
            let page = self.page(cursor, head);
            let load = || load(store, room, &page);
            let Loaded { frames, end } = page.loaded.get_or_try_init(load).await?;
            if *end <= cursor {
                // It was cut; what is wanted is on the next one.
                continue;
            }
            let next = frames.iter().position(|(seq, _)| *seq > cursor);
            return Ok(match next.and_then(|at| frames.get(at..)) {
                Some(rest) if rest.first().is_some_and(|(seq, _)| *seq == cursor.next()) => {
                    let (frames, last) = some_of(rest);
                    // A page that ends with a hole is done with all the same.
                    let is_all = frames.len() == rest.len();
                    CatchUp::Frames {
                        cursor: last.filter(|_| !is_all).unwrap_or(*end),
                        frames,
                    }
                }
                _ => CatchUp::Gone,
            });
        }
    }

    /// The kept page that holds what lies behind `cursor`, or a new one.
    fn page(&self, cursor: Seq, head: Seq) -> Arc<Page> {
        let aligned = Seq(cursor.0 - cursor.0 % PAGE_EVENTS);
        let mut start = aligned;
        let mut pages = self.pages.lock();
        while let Some(page) = pages.iter().find(|page| page.start == start) {
            if page.end() > cursor {
                return Arc::clone(page);
            }
            if !page.is_cut() {
                break;
            }
            start = page.end();
        }
        // A page that ended at an older head is replaced by one that goes further.
        pages.retain(|page| page.start != start);
        if pages.len() == PAGES_MAX {
            pages.pop_front();
        }
        let page = Arc::new(Page {
            start,
            end: head.min(Seq(aligned.0 + PAGE_EVENTS)),
            loaded: OnceCell::new(),
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

async fn load(store: &dyn EventStore, room: &RoomName, page: &Page) -> Result<Loaded, StoreError> {
    let limit = usize::try_from(page.end.0 - page.start.0).unwrap_or_default();
    let read = store.read(room, Range::After(page.start), limit).await?;
    let last = read.events.last().map(|stored| stored.seq);
    // What is stored but not published yet comes from the tail, in its turn.
    let events = read
        .events
        .into_iter()
        .take_while(|stored| stored.seq <= page.end);
    let frames = events
        .map(|stored| (stored.seq, encode::encode(stored.event, stored.seq)))
        .collect();
    let end = last.filter(|last| read.more && *last < page.end);
    Ok(Loaded {
        frames,
        end: end.unwrap_or(page.end),
    })
}

#[cfg(test)]
mod tests;
