//! When a room starts to spill, and when its spilled events are no longer needed.

use super::Spill;
use crate::room::Room;
use crate::room::backlog::CatchUp;
use crate::room::delivery::members::Members;
use crate::room::tail::Chunk;
use common::ids::Seq;
use std::sync::Arc;

impl Room {
    /// Keeps what has left the tail, where somebody has not read it yet.
    pub(in crate::room) fn spill_over(&self, gone: &[Chunk]) {
        if let (Some(spill), Some(last)) = (&self.spill, gone.last()) {
            let slowest = self.slowest();
            spill.release(slowest);
            if slowest < last.span.last() {
                spill.keep(gone);
            }
        }
    }

    /// A place in the log that no member stands before, as of the last passes.
    fn slowest(&self) -> Seq {
        let slowest = self.members.iter().map(Members::slowest);
        slowest.min().unwrap_or(Seq(u64::MAX))
    }

    /// Where members have lost their place already.
    pub(in crate::room) fn lost(&self) -> Seq {
        self.spill.as_ref().map_or(Seq::ZERO, |spill| spill.lost())
    }

    /// A pass has found out where members stand.
    pub(in crate::room) fn note_pass(&self) {
        if let Some(spill) = self.kept_spill() {
            spill.release(self.slowest());
        }
    }

    /// Somebody has moved, or gone, and nothing may be published for long: a pass shall look who
    /// still wants what is kept.
    pub(in crate::room) fn update_spill_readers(self: &Arc<Self>) {
        if self.kept_spill().is_some() {
            self.mark();
            self.shards.notify();
        }
    }

    fn kept_spill(&self) -> Option<&Arc<Spill>> {
        self.spill.as_ref().filter(|spill| !spill.is_empty())
    }

    /// The next events for a reader, as far as they are here.
    pub(in crate::room) async fn read_spilled(self: &Arc<Self>, cursor: Seq) -> Option<CatchUp> {
        let spill = self.spill.as_ref()?;
        match spill.read(cursor).await {
            Ok(found) => {
                let (frame, cursor) = found?;
                if spill.begins_by(cursor) {
                    self.update_spill_readers();
                }
                let frames = vec![frame];
                Some(CatchUp::Frames { frames, cursor })
            }
            Err(error) => {
                spill.give_up(&error);
                None
            }
        }
    }
}
