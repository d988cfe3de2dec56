//! The actor of a session: one task that reads the socket and executes frames.
//!
//! While nothing arrives it holds no timer and no buffer: the shard sends heartbeats, and bytes are
//! read into a buffer that the thread shares. However the session ends, dropping its memberships is the
//! complete clean-up.

mod authorize;
mod catch_up;
mod closing;
mod execute;
mod join;
mod session_expiry;
mod wait;

use super::end::End;
use super::link::{IN_FLIGHT_MAX, Link, Timeouts, signal};
use super::state::SessionState;
use crate::auth::{Accounts, Visitor};
use crate::hub::{ConnectionRegistration, Hub, RoomListWatch};
use crate::limits::{Limits, PayerBuckets};
use crate::wire::decoder::{Decoder, Incoming};
use common::codec::decode_client;
use common::ids::ConnectionId;
use common::limits::Limits as Bounds;
use common::reply::Welcome;
use common::version::V1_JSON;
use common::{CloseCode, ErrorCode, ErrorFrame, ServerFrame};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use wait::Event;

pub use closing::close;

/// Messages handled before their answers are written.
const TURN_MESSAGES: usize = 64;

/// Bytes of answers after which they are written before the next message is handled. One answer, a
/// page of history at most, may go beyond it. While the socket takes no more, nothing is handled.
const TURN_BYTES_MAX: usize = 256 * 1024;

/// What a session is told from the configuration.
#[derive(Clone)]
pub struct SessionConfig {
    /// The bounds the client is told and held to.
    pub limits: Bounds,
    /// A ping is sent this often; a peer silent for two of them is gone.
    pub heartbeat: Duration,
    /// A write that makes no progress for this long ends the connection.
    pub stall_max: Duration,
    /// Who is who, for those whose stay is limited.
    pub accounts: Arc<Accounts>,
    /// What a user may cost.
    pub rates: Arc<Limits>,
    /// At shutdown, how long the acks of what was posted are waited for.
    pub drain_max: Duration,
}

impl SessionConfig {
    /// How long what may take.
    #[must_use]
    pub fn timeouts(&self) -> Timeouts {
        Timeouts::new(self.heartbeat, self.stall_max)
    }
}

/// One connection.
pub struct Session {
    hub: Arc<Hub>,
    config: Arc<SessionConfig>,
    /// The random bits that its name is made of.
    connection: u64,
    visitor: Visitor,
    /// What its user may still send; none before it has sent anything, or where nothing is limited.
    buckets: Option<Arc<PayerBuckets>>,
    /// Whether a client whose stay has run out was asked for a proof.
    is_asked: bool,
    /// Until the session ends.
    arrival: Option<ConnectionRegistration>,
    /// Until it ends or is asked for anew. Boxed: few connections watch.
    room_list: Option<Box<RoomListWatch>>,
    state: SessionState,
    link: Arc<Link>,
    decoder: Decoder,
}

impl Session {
    /// A session that has not said anything yet. `unread` is what came behind the upgrade.
    #[must_use]
    pub fn new(
        hub: Arc<Hub>,
        config: Arc<SessionConfig>,
        link: Link,
        connection: u64,
        visitor: Visitor,
        unread: &[u8],
    ) -> Self {
        let link = Arc::new(link);
        let mut decoder = Decoder::default();
        decoder.feed(unread);
        Self {
            arrival: Some(Self::register_connection(&hub, &visitor, &link)),
            room_list: None,
            buckets: None,
            is_asked: false,
            state: SessionState::new(config.limits.rooms_max),
            link,
            decoder,
            hub,
            config,
            connection,
            visitor,
        }
    }

    fn register_connection(
        hub: &Arc<Hub>,
        visitor: &Visitor,
        link: &Arc<Link>,
    ) -> ConnectionRegistration {
        let sign_in = visitor.sign_in_session().map(|session| &session.sign_in);
        let user = &visitor.user.id;
        hub.connections
            .register(user, sign_in, visitor.as_of(), link.clone())
    }

    /// Says only that it is to be closed: nobody is let in.
    pub async fn turn_away(mut self: Box<Self>, code: CloseCode) {
        self.arrival = None;
        let why = match code {
            CloseCode::Banned => "banned from this node",
            _ => "refresh the sign-in first",
        };
        self.close(End::Close(code, why)).await;
    }

    /// Runs until the connection ends. `shutdown` is cancelled when the node goes away, with
    /// `reconnect_after` for this client.
    ///
    /// Boxed, because a task holds room for every place that a value is moved to on its way.
    pub async fn run(
        mut self: Box<Self>,
        shutdown: CancellationToken,
        reconnect_after: impl FnOnce(&Hub) -> Duration,
    ) {
        let registered = self.link.register();
        self.schedule_expiry();
        if shutdown.is_cancelled() {
            self.link.finish(End::ShutDown);
        }
        // A ban from the node since the upgrade; a later one finds the connection.
        if self.hub.rules.admit(self.requester()).is_err() {
            self.link.finish(join::banned());
        }
        let end = match self.serve().await {
            End::ShutDown => Box::pin(self.say_goodbye(reconnect_after(&self.hub))).await,
            end => end,
        };
        tracing::debug!(connection = %ConnectionId::from_random(self.connection), user = %self.visitor.user.id, ?end, "disconnected");
        drop(registered);
        // Out of the rooms before the closing handshake: others need not wait for it.
        self.state.clear();
        self.room_list = None;
        self.arrival = None;
        Box::pin(self.close(end)).await;
    }

    async fn close(&mut self, end: End) {
        let bytes_max = self.config.limits.frame_bytes_max;
        close(&self.link, &mut self.decoder, bytes_max, end).await;
    }

    /// Serves until something ends it.
    async fn serve(&mut self) -> End {
        self.welcome();
        if let Err(error) = Box::pin(self.follow_broadcasts()).await {
            return join::kept_out(&error);
        }
        let mut event = Event::None;
        loop {
            match event {
                Event::None => {}
                Event::Yield => tokio::task::yield_now().await,
                Event::Read => self.link.heard(),
                Event::Gone => return End::Gone,
                Event::Writable => {}
                Event::Signals(bits) => {
                    if bits & signal::SHUT_DOWN != 0 {
                        return End::ShutDown;
                    }
                    if bits & signal::DUE != 0
                        && let Some(end) = self.check_expiry()
                    {
                        return end;
                    }
                    if bits & signal::PERMISSIONS != 0
                        && let Some(end) = self.recheck_permissions()
                    {
                        return end;
                    }
                    if bits & signal::MORE != 0 {
                        // Others on this thread have their turn first.
                        tokio::task::yield_now().await;
                    }
                }
            }
            let rest = match self.take_turn().await {
                Ok(rest) => rest,
                Err(end) => {
                    // What was answered before is the peer's all the same.
                    self.link.write();
                    return end;
                }
            };
            self.link.write();
            if let Some((key, room, cursor)) = self.link.next_behind() {
                Box::pin(self.catch_up(key, room, cursor)).await;
                self.link.write();
            }
            if let Some(end) = self.link.end() {
                return end;
            }
            event = match rest {
                true => Event::Yield,
                false => self.wait().await,
            };
        }
    }

    fn may_read(&self) -> bool {
        self.link.in_flight() < IN_FLIGHT_MAX && !self.link.is_blocked()
    }

    /// Does what has been asked for, up to a bound on messages and one on bytes of answers. Returns
    /// whether there may be more.
    async fn take_turn(&mut self) -> Result<bool, End> {
        for _ in 0..TURN_MESSAGES {
            if self.decoder.is_empty() || !self.may_read() {
                return Ok(false);
            }
            if self.link.unwritten_bytes() >= TURN_BYTES_MAX {
                return Ok(true);
            }
            match self.decoder.next(self.config.limits.frame_bytes_max)? {
                None => return Ok(false),
                Some(Incoming::Text(text)) => {
                    if let Some(slow) = self.handle(&text) {
                        slow.await;
                    }
                }
                Some(Incoming::Binary(_)) => {
                    let why = "this protocol is JSON in text frames; a binary frame is not read";
                    self.refuse(ErrorFrame::new(ErrorCode::BinaryFrame, why));
                }
                Some(Incoming::Ping(payload)) => self.link.pong(&payload),
                Some(Incoming::Pong) => {}
                Some(Incoming::Close(code)) => return Err(End::Closed(code)),
            }
        }
        Ok(true)
    }

    fn welcome(&self) {
        self.link.push(&ServerFrame::Welcome(Box::new(Welcome {
            protocol: V1_JSON.to_owned(),
            server: concat!("hubbub/", env!("CARGO_PKG_VERSION")).to_owned(),
            connection: ConnectionId::from_random(self.connection),
            user: self.visitor.user.clone(),
            role: self.visitor.role,
            limits: self.config.limits,
            heartbeat_ms: u64::try_from(self.config.heartbeat.as_millis()).unwrap_or(u64::MAX),
            timestamp: self.hub.now(),
        })));
    }

    /// Does what a frame asks for, or returns what there is to wait for. Boxed, so that a connection
    /// that asks for nothing does not hold room for it.
    fn handle(&mut self, text: &str) -> Option<BoxFuture<'_, ()>> {
        let action = decode_client(text).and_then(|frame| self.state.decide(frame));
        match action.and_then(|action| self.authorize(action)) {
            Ok(authorized) => {
                let slow = self.execute(authorized)?;
                Some(Box::pin(self.execute_async(slow)))
            }
            Err(error) => {
                self.refuse(error);
                None
            }
        }
    }

    fn refuse(&self, error: ErrorFrame) {
        self.link.push(&ServerFrame::Error(error));
    }
}

#[cfg(test)]
mod tests;
