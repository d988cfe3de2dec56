//! The client core over tokio: one task, one socket, one timer.
//!
//! [`Client`](crate::Client) is built on this, and so are programs that want the core itself, such
//! as one with ten thousand clients. A [`Handler`] says what the program's orders mean to the core,
//! and what becomes of what the core says; connecting, timers and sending are done here.

use crate::clock::Clock;
use crate::socket::{Report, Socket};
use crate::target::Target;
use crate::tls::Connector;
use common::client::{Client as Core, Effect, Input, Millis};
use common::codec;
use common::error::ErrorFrame;
use std::collections::VecDeque;
use std::pin::pin;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep_until;

/// Whether the shell goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It goes on.
    Continue,
    /// It closes its connection and ends.
    End,
}

/// A program around the client core.
pub trait Handler: Send + 'static {
    /// What the program may ask for.
    type Order: Send + 'static;

    /// Whom to connect to, each time anew: a token may have been replaced.
    fn target(&self) -> Target;

    /// What the core is told for an order.
    fn input(&mut self, order: Self::Order, core: &Core) -> Option<Input>;

    /// Takes an effect; what it gives is the core's next input. The effects of the connection
    /// (`Connect`, `Disconnect`, `Send`, `WakeAt`) never come here.
    fn effect(&mut self, effect: Effect, core: &Core) -> Option<Input>;

    /// The server has refused the connection itself, and has said why.
    fn refused(&mut self, refusal: ErrorFrame) {
        let _ = refusal;
    }

    /// Every effect of an input was taken.
    fn applied(&mut self, core: &Core) -> Next {
        let _ = core;
        Next::Continue
    }
}

/// The core, its socket and its timer. [`run`](Shell::run) it in a task.
pub struct Shell<H: Handler> {
    core: Core,
    clock: Clock,
    connector: Connector,
    handler: H,
    socket: Socket,
    wake: Option<Millis>,
    has_ended: bool,
}

impl<H: Handler> Shell<H> {
    /// A shell that does nothing before it runs.
    #[must_use]
    pub fn new(core: Core, clock: Clock, handler: H) -> Self {
        Self::with_connector(core, clock, handler, Connector::default())
    }

    pub(crate) fn with_connector(core: Core, clock: Clock, handler: H, tls: Connector) -> Self {
        Self {
            core,
            clock,
            connector: tls,
            handler,
            socket: Socket::Nothing,
            wake: None,
            has_ended: false,
        }
    }

    /// Connects, and goes on until the handler ends it or nobody can send it orders any more. In
    /// the second case the connection ends as that of a program that was killed: without a word.
    pub async fn run(mut self, mut orders: UnboundedReceiver<H::Order>) {
        let mut timer = pin!(sleep_until(self.clock.at(self.clock.now())));
        // What the timer is set to.
        let mut armed = None;
        self.apply(Input::Start);
        while !self.has_ended {
            if let Some(at) = self.wake
                && armed.replace(at) != Some(at)
            {
                timer.as_mut().reset(self.clock.at(at));
            }
            let input = tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => {
                        let input = self.handler.input(order, &self.core);
                        if input.is_none() {
                            self.has_ended = self.handler.applied(&self.core) == Next::End;
                        }
                        input
                    }
                    None => return,
                },
                report = self.socket.next() => {
                    let Report { input, refusal } = report;
                    refusal.into_iter().for_each(|refusal| self.handler.refused(refusal));
                    Some(input)
                }
                () = timer.as_mut(), if self.wake.is_some() => {
                    (self.wake, armed) = (None, None);
                    Some(Input::Tick)
                }
            };
            if let Some(input) = input {
                self.apply(input);
            }
        }
        self.socket.close().await;
        // Whoever waits for the orders to be closed finds what the handler had in hand free.
        drop(self.handler);
        drop(orders);
    }

    /// Feeds the core and carries out its effects, in order.
    fn apply(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for effect in self.core.apply(input, self.clock.now()) {
                match effect {
                    Effect::Connect { attempt } => {
                        let target = self.handler.target();
                        self.socket = Socket::connect(target, self.connector.clone(), attempt);
                    }
                    Effect::Disconnect { attempt } => self.socket.disconnect(attempt),
                    Effect::Send(frame) => self.socket.send(codec::encode_client(&frame)),
                    Effect::WakeAt(at) => self.wake = Some(at),
                    other => inputs.extend(self.handler.effect(other, &self.core)),
                }
            }
        }
        self.has_ended = self.handler.applied(&self.core) == Next::End;
    }
}
