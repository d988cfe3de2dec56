//! The events of a room that is followed, in order.

use crate::event::Event;
use crate::follower::Paused;
use crate::order::{Order, Orders};
use common::text::RoomName;
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::error::TryRecvError;

/// The events of a room that is followed. Dropping it leaves the room.
///
/// A program may take its time: a bounded number of events waits in memory
/// ([`Options::events_max`](crate::Options::events_max)), and the rest in the server's log.
#[derive(Debug)]
pub struct Events {
    room: RoomName,
    queue: Receiver<Event>,
    paused: Paused,
    orders: Orders,
}

impl Events {
    pub(crate) fn new(
        room: RoomName,
        queue: Receiver<Event>,
        paused: Paused,
        orders: Orders,
    ) -> Self {
        Self {
            room,
            queue,
            paused,
            orders,
        }
    }

    /// Which room.
    #[must_use]
    pub fn room(&self) -> &RoomName {
        &self.room
    }

    /// The next event; `None` once the client has ended and every event was given. Cancelling the
    /// future loses nothing.
    pub async fn next(&mut self) -> Option<Event> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        match self.queue.try_recv() {
            Ok(event) => return Poll::Ready(Some(event)),
            Err(TryRecvError::Disconnected) => return Poll::Ready(None),
            Err(TryRecvError::Empty) => {}
        }
        if self.paused.take() {
            self.orders.give(Order::Resume(self.room.clone()));
        }
        self.queue.poll_recv(context)
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.get_mut().poll(context)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.orders.give(Order::Unfollow(self.room.clone()));
    }
}
