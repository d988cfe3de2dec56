//! A reader: takes what its node delivers, and remembers it.

use backend::hub::Membership;
use backend::room::{
    Batch, Delivery, Frame, ManagedConnection, MembershipKey, PermissionHolder, Position, Rest,
    Room, SendOrigin, ShardConnection, Subscriber,
};
use backend::store::Placed;
use backend::wire;
use common::codec::decode_server;
use common::ids::{RequestId, Seq};
use common::text::RoomName;
use common::{CloseCode, ErrorFrame, ServerFrame};
use parking_lot::Mutex;
use std::sync::Arc;

/// See the module. Its place is in one node after the other.
pub(crate) struct Reader {
    pub(crate) name: String,
    pub(crate) room: RoomName,
    pub(crate) node: usize,
    pub(crate) membership: Option<Membership>,
    pub(crate) connection: Arc<Connection>,
}

/// What a reader has heard in one stay: positions with contents, in the order in which they came.
#[derive(Default)]
pub(crate) struct Connection(Mutex<State>);

#[derive(Default)]
struct State {
    /// None until it is placed.
    position: Option<Position>,
    heard: Vec<(u64, String)>,
    is_behind: bool,
}

impl Connection {
    /// It has everything up to here, and wants what follows.
    pub(crate) fn place(&self, position: Position) {
        self.0.lock().position = Some(position);
    }

    pub(crate) fn take_heard(&self) -> Vec<(u64, String)> {
        std::mem::take(&mut self.0.lock().heard)
    }

    /// Where it is to read from the store, if its node has left that to it.
    pub(crate) fn behind(&self) -> Option<Seq> {
        let state = self.0.lock();
        let position = state.position.filter(|_| state.is_behind)?;
        Some(position.event)
    }

    /// It has read up to here.
    pub(crate) fn caught_up(&self, events: Vec<(u64, String)>) {
        let mut state = self.0.lock();
        if let (Some((last, _)), Some(position)) = (events.last(), &mut state.position) {
            position.event = Seq(*last);
        }
        state.is_behind = false;
        state.heard.extend(events);
    }
}

/// The events among these frames.
fn events(frames: &[Frame]) -> Vec<(u64, String)> {
    let bytes: Vec<u8> = frames.iter().flat_map(|frame| frame.to_vec()).collect();
    let (mut events, mut rest) = (Vec::new(), bytes.as_slice());
    while !rest.is_empty() {
        let (text, next) = wire::split_text(rest).expect("whole frames");
        rest = next;
        let text = std::str::from_utf8(text).expect("text");
        if let ServerFrame::Message(message) = decode_server(text).expect("a frame") {
            let content = message.content.expect("nothing is deleted");
            events.push((message.seq.0, content.to_string()));
        }
    }
    events
}

impl PermissionHolder for Connection {
    fn recheck_permissions(&self) {}
}

impl Subscriber for Connection {
    fn deliver(&self, _: MembershipKey, _: &Arc<Room>, batch: &Batch) -> Delivery {
        let mut state = self.0.lock();
        match state.position {
            None => return Delivery::NotAMember,
            Some(position) if position != batch.from => return Delivery::Elsewhere(position),
            Some(_) => {}
        }
        assert_ne!(batch.rest, Rest::Lost, "the log has not begun anew");
        state.position = Some(batch.to);
        state.heard.extend(events(&batch.frames));
        state.is_behind |= batch.rest == Rest::Stored;
        Delivery::Done(batch.to.event)
    }

    fn prepare(&self) {}
}

impl ShardConnection for Connection {
    fn flush(&self) {}

    fn tick(&self, _: u64) {}

    fn shut_down(&self) {}
}

impl ManagedConnection for Connection {
    fn close(&self, _: CloseCode) {}

    fn remove_from_room(&self, _: &Arc<Room>) {}

    fn address(&self) -> u64 {
        0
    }

    fn tell(self: Arc<Self>, _: &Frame) {}
}

impl SendOrigin for Connection {
    fn completed(self: Arc<Self>, _: Option<&RequestId>, _: Result<&Placed, &ErrorFrame>) {}
}
