//! The outgoing data of one connection: cursors instead of queues.
//!
//! It holds a cursor for each room. As bytes it holds only data that was offered to the socket and not
//! accepted, at most one write, and frames for this connection alone.

use crate::room::{Batch, Delivery, Frame, MembershipKey, Position, Rest, Room};
use crate::session::End;
use bytes::{Buf, Bytes};
use common::CloseCode;
use common::ids::Seq;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::sync::Arc;

/// Slices in one write.
const SLICES_MAX: usize = 16;

/// Rooms looked at in one go, so that a connection in many rooms keeps nobody waiting.
const VISITS_MAX: usize = 16;

/// Places for which nothing is allocated.
const CURSORS_INLINE: usize = 2;

/// Rooms up to which exactly as much is held as they need: most connections are in few.
const EXACT_MAX: usize = 8;

/// A socket that takes what it can, at once.
pub(super) trait Sink {
    /// Writes some of the slices; [`ErrorKind::WouldBlock`] where none can be.
    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;
}

/// See the module.
#[derive(Default)]
pub(super) struct Out {
    /// Frames for this connection alone.
    personal: Vec<u8>,
    /// Offered to the socket, and not taken yet. What comes after waits for it.
    unfinished: VecDeque<Bytes>,
    /// Inline for the built-in room and one more, which is where most connections are.
    cursors: SmallVec<[Option<RoomCursor>; CURSORS_INLINE]>,
    /// Places to look at as soon as nothing is unfinished.
    dirty: Vec<MembershipKey>,
    /// Places to be fed from the store.
    behind: VecDeque<MembershipKey>,
    end: Option<End>,
    /// When the socket last took something, or had nothing to take.
    progress_ms: u64,
}

/// Where in a room's log the connection stands.
struct RoomCursor {
    room: Arc<Room>,
    position: Position,
    is_dirty: bool,
    is_behind: bool,
}

impl Out {
    pub(super) fn beginning_with(personal: Vec<u8>) -> Self {
        Self {
            personal,
            ..Self::default()
        }
    }

    pub(super) fn personal(&mut self) -> &mut Vec<u8> {
        &mut self.personal
    }

    pub(super) fn is_blocked(&self) -> bool {
        !self.unfinished.is_empty()
    }

    /// Whether there is more to do than the last [`flush`](Self::flush) did.
    pub(super) fn has_more(&self) -> bool {
        self.end.is_none() && !self.is_blocked() && !self.dirty.is_empty()
    }

    pub(super) fn is_behind(&self) -> bool {
        self.end.is_none() && !self.is_blocked() && !self.behind.is_empty()
    }

    pub(super) fn end(&self) -> Option<End> {
        self.end
    }

    /// Ends the connection; the first reason counts.
    pub(super) fn finish(&mut self, end: End) {
        self.end.get_or_insert(end);
    }

    /// Milliseconds for which the socket has taken nothing of what is offered to it.
    pub(super) fn stalled_ms(&self, now_ms: u64) -> u64 {
        match self.is_blocked() {
            true => now_ms.saturating_sub(self.progress_ms),
            false => 0,
        }
    }

    /// Places a cursor in a room; what lies behind it follows.
    pub(super) fn place(&mut self, key: MembershipKey, room: Arc<Room>, position: Position) {
        if self.cursors.len() <= key {
            if key < EXACT_MAX {
                self.cursors.reserve_exact(key + 1 - self.cursors.len());
            }
            self.cursors.resize_with(key + 1, || None);
        }
        if let Some(entry) = self.cursors.get_mut(key) {
            *entry = Some(RoomCursor {
                room,
                position,
                is_dirty: false,
                is_behind: false,
            });
        }
        self.behind.retain(|known| *known != key);
        self.mark_dirty(key);
    }

    /// Whether there is a cursor under this number.
    pub(super) fn has_cursor(&self, key: MembershipKey) -> bool {
        self.cursors.get(key).is_some_and(Option::is_some)
    }

    /// Takes the cursor in this room out, if there is one.
    pub(super) fn remove_room_cursor(&mut self, room: &Arc<Room>) -> bool {
        let is_it = |entry: &Option<RoomCursor>| {
            let room_of = entry.as_ref().map(|entry| &entry.room);
            room_of.is_some_and(|known| Arc::ptr_eq(known, room))
        };
        let found = self.cursors.iter().position(is_it);
        found.map(|key| self.remove_cursor(key)).is_some()
    }

    /// Takes a cursor out.
    pub(super) fn remove_cursor(&mut self, key: MembershipKey) {
        if let Some(entry) = self.cursors.get_mut(key) {
            *entry = None;
        }
        self.dirty.retain(|known| *known != key);
        self.behind.retain(|known| *known != key);
    }

    fn at(&mut self, key: MembershipKey) -> Option<&mut RoomCursor> {
        self.cursors.get_mut(key)?.as_mut()
    }

    fn mark_dirty(&mut self, key: MembershipKey) {
        if let Some(entry) = self.at(key)
            && !std::mem::replace(&mut entry.is_dirty, true)
        {
            self.dirty.push(key);
        }
    }

    /// Writes a batch of this room, if this is where the cursor stands.
    pub(super) fn deliver(
        &mut self,
        key: MembershipKey,
        room: &Arc<Room>,
        batch: &Batch,
        sink: &impl Sink,
        now_ms: u64,
    ) -> Delivery {
        let (is_blocked, is_ended) = (self.is_blocked(), self.end.is_some());
        // The number may be another membership's by now.
        let entry = self.at(key).filter(|entry| Arc::ptr_eq(&entry.room, room));
        let Some(entry) = entry else {
            return Delivery::NotAMember;
        };
        let position = entry.position;
        if is_blocked {
            self.mark_dirty(key);
        } else if !entry.is_behind && !is_ended {
            if position != batch.from {
                return Delivery::Elsewhere(position);
            }
            self.take(key, batch, sink, now_ms);
            return Delivery::Done(batch.to.event);
        }
        Delivery::Done(position.event)
    }

    /// Writes what follows a cursor, and moves it. Nothing is unfinished.
    fn take(&mut self, key: MembershipKey, batch: &Batch, sink: &impl Sink, now_ms: u64) {
        let Some(entry) = self.at(key) else {
            return;
        };
        entry.position = batch.to;
        match batch.rest {
            Rest::Nothing => {}
            Rest::More => self.mark_dirty(key),
            Rest::Stored => {
                entry.is_behind = true;
                self.behind.push_back(key);
            }
            Rest::Lost => self.finish(lost()),
        }
        self.write_ready(&batch.frames, sink, now_ms);
    }

    /// Writes what is ready, as much as the socket takes and has its turn.
    pub(super) fn flush(&mut self, sink: &impl Sink, now_ms: u64) {
        for _ in 0..VISITS_MAX {
            self.drain(sink, now_ms);
            if self.is_blocked() || self.end.is_some() {
                return;
            }
            let Some(key) = self.dirty.pop() else {
                self.dirty = Vec::new();
                break;
            };
            if let Some(entry) = self.at(key) {
                entry.is_dirty = false;
                if !entry.is_behind {
                    let batch = entry.room.read(entry.position);
                    self.take(key, &batch, sink, now_ms);
                }
            }
        }
        if !self.is_blocked() && !self.personal.is_empty() {
            self.push_personal();
            self.drain(sink, now_ms);
        }
    }

    /// Writes all that is left, whatever the reason for the end.
    pub(super) fn flush_last(&mut self, sink: &impl Sink, now_ms: u64) {
        self.push_personal();
        self.drain(sink, now_ms);
    }

    /// The next room to be read from the store, and its cursor.
    pub(super) fn next_behind(&mut self) -> Option<(MembershipKey, Arc<Room>, Seq)> {
        let key = *self.behind.front()?;
        let entry = self.at(key)?;
        Some((key, Arc::clone(&entry.room), entry.position.event))
    }

    /// What the store had behind a cursor.
    pub(super) fn supply(&mut self, key: MembershipKey, frames: Vec<Frame>, cursor: Seq) {
        self.behind.retain(|known| *known != key);
        // It may have been put out of the room while the store was asked.
        let Some(entry) = self.at(key) else {
            return;
        };
        entry.position.event = cursor;
        entry.is_behind = false;
        self.push_personal();
        self.unfinished.extend(frames);
        self.mark_dirty(key);
    }

    fn push_personal(&mut self) {
        if !self.personal.is_empty() {
            self.unfinished
                .push_back(std::mem::take(&mut self.personal).into());
        }
    }

    /// Writes personal frames and these in one go. Nothing is unfinished.
    fn write_ready(&mut self, frames: &[Frame], sink: &impl Sink, now_ms: u64) {
        let mut slices = [IoSlice::new(&[]); SLICES_MAX];
        let all = [self.personal.as_slice()];
        let all = all.into_iter().chain(frames.iter().map(|frame| &**frame));
        let mut total = 0;
        let mut used = 0;
        for (slot, bytes) in slices.iter_mut().zip(all.filter(|bytes| !bytes.is_empty())) {
            *slot = IoSlice::new(bytes);
            total += bytes.len();
            used += 1;
        }
        if used == 0 {
            return;
        }
        let is_all = used < SLICES_MAX;
        let taken = match sink.write(slices.get(..used).unwrap_or_default()) {
            Ok(taken) => taken,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            Err(_) => return self.finish(End::Gone),
        };
        if taken > 0 {
            self.progress_ms = now_ms;
        }
        if taken == total && is_all {
            // Nothing is held for a connection that has nothing to say.
            self.personal = Vec::new();
            return;
        }
        self.push_personal();
        self.unfinished.extend(frames.iter().cloned());
        self.progress_ms = now_ms;
        self.advance(taken);
        if taken == total {
            self.drain(sink, now_ms);
        }
    }

    /// Writes what is unfinished, as much as the socket takes.
    fn drain(&mut self, sink: &impl Sink, now_ms: u64) {
        while !self.unfinished.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let mut used = 0;
            for (slot, bytes) in slices.iter_mut().zip(&self.unfinished) {
                *slot = IoSlice::new(bytes);
                used += 1;
            }
            match sink.write(slices.get(..used).unwrap_or_default()) {
                Ok(taken) => {
                    self.progress_ms = now_ms;
                    self.advance(taken);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.unfinished.clear();
                    return self.finish(End::Gone);
                }
            }
        }
        if self.unfinished.capacity() > 0 {
            self.unfinished = VecDeque::new();
        }
    }

    /// Forgets bytes that the socket has taken.
    fn advance(&mut self, mut taken: usize) {
        while let Some(first) = self.unfinished.front_mut() {
            if taken < first.len() {
                first.advance(taken);
                return;
            }
            taken -= first.len();
            self.unfinished.pop_front();
        }
    }
}

/// The reader cannot be given what comes next. It is closed rather than passed over the gap: when
/// it comes back, `joined` tells it that it is not complete.
pub(super) fn lost() -> End {
    End::Close(
        CloseCode::UnreadEventsLost,
        "what you have not read yet is gone",
    )
}

#[cfg(test)]
mod tests;
