//! The actor around a session: one task that owns the socket.
//!
//! It writes what is ready, then waits for the next thing: a frame, a wake from a room, a
//! heartbeat, the node's shutdown. However it ends, its memberships are dropped, and that is the
//! whole clean-up.

mod deliver;
mod perform;

use super::outbox::{IN_FLIGHT_MAX, Outbox};
use super::socket::{Fault, Incoming, Socket};
use super::state::SessionState;
use crate::auth::Visitor;
use crate::hub::{Arrival, Hub};
use crate::room::Frame;
use common::codec::decode_client;
use common::ids::ConnectionId;
use common::limits::Limits;
use common::reply::{Goodbye, GoodbyeReason, Welcome};
use common::version::V1_JSON;
use common::{CloseCode, ErrorCode, ErrorFrame, ServerFrame};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// What a session is told from the configuration.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    /// The bounds the client is told and held to.
    pub limits: Limits,
    /// A ping is sent this often; a peer silent for two of them is gone.
    pub heartbeat: Duration,
    /// A write that makes no progress for this long ends the connection.
    pub stall_max: Duration,
    /// At shutdown, how long the acks of what was posted are waited for.
    pub drain_max: Duration,
}

/// One connection.
pub struct Session {
    hub: Arc<Hub>,
    config: SessionConfig,
    connection: ConnectionId,
    visitor: Visitor,
    arrival: Arrival,
    state: SessionState,
    outbox: Arc<Outbox>,
    /// Frames on their way to the socket; kept for its capacity.
    batch: Vec<Frame>,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The other side, or the network, went away.
    Gone,
    /// This side closes it with a code.
    Close(CloseCode, &'static str),
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Closed => Self::Gone,
            Fault::FrameTooLarge => Self::Close(CloseCode::FrameTooLarge, "frame too large"),
            Fault::Protocol => Self::Close(CloseCode::ProtocolError, "protocol error"),
        }
    }
}

impl Session {
    /// A session that has not said anything yet.
    #[must_use]
    pub fn new(
        hub: Arc<Hub>,
        config: SessionConfig,
        connection: ConnectionId,
        visitor: Visitor,
    ) -> Self {
        let outbox = Arc::<Outbox>::default();
        Self {
            arrival: hub.arrive(&visitor.user.id, outbox.clone()),
            state: SessionState::new(config.limits.rooms_max),
            outbox,
            batch: Vec::new(),
            hub,
            config,
            connection,
            visitor,
        }
    }

    /// Runs until the connection ends. `shutdown` is cancelled when the node goes away, with
    /// `reconnect_after` for this client.
    pub async fn run(
        mut self,
        mut socket: impl Socket,
        shutdown: CancellationToken,
        reconnect_after: impl FnOnce() -> Duration,
    ) {
        let end = match self.serve(&mut socket, &shutdown).await {
            Some(end) => end,
            None => self.say_goodbye(&mut socket, reconnect_after()).await,
        };
        tracing::debug!(connection = %self.connection, user = %self.visitor.user.id, ?end, "disconnected");
        // Out of the rooms before the closing handshake: others need not wait for it.
        drop(self);
        if let End::Close(code, reason) = end {
            socket.close(code, reason).await;
        }
    }

    /// Serves until something ends it; none where that is the node's shutdown.
    async fn serve(
        &mut self,
        socket: &mut impl Socket,
        shutdown: &CancellationToken,
    ) -> Option<End> {
        self.welcome();
        if let Err(error) = self.follow_broadcasts().await {
            tracing::error!(%error, "the built-in room cannot be read");
            return Some(End::Close(CloseCode::Internal, "internal error"));
        }
        let outbox = Arc::clone(&self.outbox);
        let mut heartbeat = tokio::time::interval(self.config.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let mut heard_at = Instant::now();
        loop {
            if let Err(end) = self.flush(socket).await {
                return Some(end);
            }
            let may_read = outbox.in_flight() < IN_FLIGHT_MAX;
            tokio::select! {
                () = shutdown.cancelled() => return None,
                () = outbox.changed() => {}
                incoming = socket.receive(), if may_read => match incoming {
                    Ok(incoming) => {
                        heard_at = Instant::now();
                        self.handle(incoming).await;
                    }
                    Err(fault) => return Some(fault.into()),
                },
                _ = heartbeat.tick() => {
                    // While reading is suspended the peer cannot be heard; that is no silence.
                    if may_read && heard_at.elapsed() >= self.config.heartbeat * 2 {
                        return Some(End::Close(CloseCode::Silent, "no sign of life"));
                    }
                    if let Err(end) = self.beat(socket).await {
                        return Some(end);
                    }
                }
            }
        }
    }

    fn welcome(&self) {
        self.outbox.push(&ServerFrame::Welcome(Box::new(Welcome {
            protocol: V1_JSON.to_owned(),
            server: concat!("hubbub/", env!("CARGO_PKG_VERSION")).to_owned(),
            connection: self.connection.clone(),
            user: self.visitor.user.clone(),
            limits: self.config.limits,
            heartbeat_ms: u64::try_from(self.config.heartbeat.as_millis()).unwrap_or(u64::MAX),
            timestamp: self.hub.now(),
        })));
    }

    async fn handle<T: std::ops::Deref<Target = str>>(&mut self, incoming: Incoming<T>) {
        match incoming {
            Incoming::Control => {}
            Incoming::Binary => {
                let why = "this protocol is JSON in text frames; a binary frame is not read";
                self.refuse(ErrorFrame::new(ErrorCode::BinaryFrame, why));
            }
            Incoming::Text(text) => {
                match decode_client(&text).and_then(|frame| self.state.decide(frame)) {
                    Ok(action) => self.perform(action).await,
                    Err(error) => self.refuse(error),
                }
            }
        }
    }

    fn refuse(&self, error: ErrorFrame) {
        self.outbox.push(&ServerFrame::Error(error));
    }

    async fn beat(&self, socket: &mut impl Socket) -> Result<(), End> {
        let stalled = End::Close(CloseCode::TooSlow, "reading too slowly");
        let written = tokio::time::timeout(self.config.stall_max, socket.ping()).await;
        Ok(written.map_err(|_| stalled)??)
    }

    /// The node is going away: waits for what this connection posted to be settled, tells it, and
    /// says when to come back.
    async fn say_goodbye(&mut self, socket: &mut impl Socket, after: Duration) -> End {
        let outbox = Arc::clone(&self.outbox);
        let settled = async {
            while outbox.in_flight() > 0 {
                outbox.changed().await;
            }
        };
        if tokio::time::timeout(self.config.drain_max, settled)
            .await
            .is_err()
        {
            tracing::warn!(connection = %self.connection, "posts were still open at shutdown");
        }
        self.outbox.push(&ServerFrame::Goodbye(Goodbye {
            reason: GoodbyeReason::Shutdown,
            reconnect_after_ms: u64::try_from(after.as_millis()).unwrap_or(u64::MAX),
        }));
        match self.flush(socket).await {
            Ok(()) => End::Close(CloseCode::ShuttingDown, "the server is going away"),
            Err(end) => end,
        }
    }
}
