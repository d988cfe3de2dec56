//! A client core on a workbench: the test is its shell, its server and its clock.

use common::client::{
    Attempt, Client, Command, Config, Effect, Input, Millis, PendingSend, SendState, Status,
};
use common::command::Join;
use common::event::{
    BroadcastPosted, MessageDeleted, MessageEdited, MessagePosted, MessageReacted,
};
use common::ids::{RequestId, Seq, UserId};
use common::limits::Limits;
use common::reply::{Ack, Joined, Pong, Welcome};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use common::{ClientFrame, ErrorCode, ErrorFrame, ServerFrame};

/// Parses what is known to be valid.
pub(crate) fn p<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

pub(crate) struct Harness {
    pub(crate) client: Client,
    pub(crate) now: Millis,
    /// Every effect since the last `take`, save `WakeAt`, `Connect`, `Disconnect` and `Send`.
    pub(crate) effects: Vec<Effect>,
    socket: Option<Attempt>,
    connects: Vec<Millis>,
    sent: Vec<ClientFrame>,
    wake: Option<Millis>,
}

impl Harness {
    pub(crate) fn new() -> Self {
        Self::with(Client::new(Config::default(), 1))
    }

    pub(crate) fn with(client: Client) -> Self {
        Self {
            client,
            now: Millis(1_000_000),
            effects: vec![],
            socket: None,
            connects: vec![],
            sent: vec![],
            wake: None,
        }
    }

    /// Started, connected, welcomed, live, in these rooms, whose logs are empty.
    pub(crate) fn live(rooms: &[&str]) -> Self {
        Self::live_with(Config::default(), rooms)
    }

    /// The same, under this configuration.
    pub(crate) fn live_with(config: Config, rooms: &[&str]) -> Self {
        let mut harness = Self::with(Client::new(config, 1));
        for room in rooms {
            harness.open(room);
        }
        harness.apply(Input::Start);
        harness.welcome();
        harness.join_all(0);
        assert_eq!(harness.status(), Status::Live);
        harness.take();
        harness
    }

    pub(crate) fn apply(&mut self, input: Input) {
        for effect in self.client.apply(input, self.now) {
            match effect {
                Effect::Connect { attempt } => {
                    assert_eq!(self.socket, None, "two sockets");
                    self.socket = Some(attempt);
                    self.connects.push(self.now);
                }
                Effect::Disconnect { attempt } => {
                    assert_eq!(self.socket.take(), Some(attempt), "not the open socket");
                }
                Effect::Send(frame) => {
                    assert!(self.socket.is_some(), "sent without a socket: {frame:?}");
                    self.sent.push(frame);
                }
                Effect::WakeAt(at) => self.wake = Some(at),
                other => self.effects.push(other),
            }
        }
    }

    /// Lets time pass, with every wake-up on time.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now.plus(ms);
        while let Some(at) = self.wake.filter(|at| *at <= end) {
            self.wake = None;
            self.now = self.now.max(at);
            self.apply(Input::Tick);
        }
        self.now = end;
    }

    /// Lets time pass with a server that answers the pings of a silent connection.
    pub(crate) fn pass_heard(&mut self, ms: u64) {
        let end = self.now.plus(ms);
        while self.now < end {
            self.pass(end.since(self.now).min(5000));
            self.receive(ServerFrame::Pong(Pong {
                timestamp: Timestamp(0),
            }));
        }
    }

    /// Lets time pass without a wake-up, as a machine does that sleeps.
    pub(crate) fn sleep(&mut self, ms: u64) {
        self.now = self.now.plus(ms);
    }

    pub(crate) fn status(&self) -> Status {
        self.client.status()
    }

    pub(crate) fn has_socket(&self) -> bool {
        self.socket.is_some()
    }

    /// When sockets were asked for, since the last time this was asked.
    pub(crate) fn connects(&mut self) -> Vec<Millis> {
        std::mem::take(&mut self.connects)
    }

    pub(crate) fn attempt(&self) -> Attempt {
        self.socket.expect("there is no socket")
    }

    /// The frames sent and the effects since the last time.
    pub(crate) fn take(&mut self) -> Vec<ClientFrame> {
        self.effects.clear();
        std::mem::take(&mut self.sent)
    }

    pub(crate) fn open(&mut self, room: &str) {
        self.apply(Input::Command(Command::OpenRoom { room: p(room) }));
    }

    pub(crate) fn close(&mut self, room: &str) {
        self.apply(Input::Command(Command::CloseRoom { room: p(room) }));
    }

    pub(crate) fn say(&mut self, room: &str, content: &str) {
        let room = p(room);
        let command = Command::Send {
            room,
            content: Some(p(content)),
            data: None,
        };
        self.apply(Input::Command(command));
    }

    pub(crate) fn receive(&mut self, frame: ServerFrame) {
        let attempt = self.attempt();
        self.apply(Input::Received { attempt, frame });
    }

    pub(crate) fn opened(&mut self) {
        let attempt = self.attempt();
        self.apply(Input::Opened { attempt });
    }

    pub(crate) fn closed(&mut self, code: u16) {
        let attempt = self.socket.take().expect("there is no socket");
        self.apply(Input::Closed {
            attempt,
            code: Some(code),
        });
    }

    /// The socket opens and the server greets.
    pub(crate) fn welcome(&mut self) {
        self.opened();
        self.receive(welcome());
    }

    /// Answers every join that was sent: `since` is honoured, and nothing else is behind it.
    pub(crate) fn join_all(&mut self, head: u64) -> Vec<Join> {
        let (joins, rest): (Vec<_>, Vec<_>) = self
            .take()
            .into_iter()
            .partition(|frame| matches!(frame, ClientFrame::Join(_)));
        self.sent = rest;
        let joins: Vec<Join> = joins
            .into_iter()
            .filter_map(|frame| match frame {
                ClientFrame::Join(join) => Some(join),
                _ => None,
            })
            .collect();
        for join in &joins {
            let head = Seq(head).max(join.since.unwrap_or_default());
            self.answer(join, head.0, join.since.unwrap_or(head).0, true);
        }
        joins
    }

    /// Cuts the connection, comes back, and answers the joins.
    pub(crate) fn reconnect(&mut self, head: u64) {
        self.cut();
        self.join_all(head);
    }

    /// Cuts the connection and comes back to where the joins are sent.
    pub(crate) fn cut(&mut self) {
        self.closed(1006);
        while !self.has_socket() {
            self.pass(500);
        }
        self.take();
        self.welcome();
    }

    /// Answers one join with a marker, or from another log.
    pub(crate) fn answer_with(&mut self, room: &str, epoch: &str, head: u64, read: Option<u64>) {
        self.receive(ServerFrame::Joined(Joined {
            room: p(room),
            epoch: p(epoch),
            head: Seq(head),
            after: Seq(head),
            complete: true,
            read: read.map(Seq),
        }));
    }

    /// Answers one join.
    pub(crate) fn answer(&mut self, join: &Join, head: u64, after: u64, complete: bool) {
        self.receive(ServerFrame::Joined(Joined {
            room: join.room.clone(),
            epoch: p("e1"),
            head: Seq(head),
            after: Seq(after),
            complete,
            read: None,
        }));
        self.receive(ServerFrame::Ack(Box::new(Ack::done(
            join.id.clone().unwrap(),
        ))));
    }

    /// The one join that was sent.
    pub(crate) fn sent_join(&mut self) -> Join {
        match self.take().as_slice() {
            [ClientFrame::Join(join)] => join.clone(),
            other => panic!("not one join: {other:?}"),
        }
    }

    /// The one message or broadcast that was sent: its id and text.
    pub(crate) fn sent_message(&mut self) -> (RequestId, String) {
        let (id, content) = match self.take().as_slice() {
            [ClientFrame::Message(message)] => (message.id.clone(), message.content.clone()),
            [ClientFrame::Broadcast(message)] => (message.id.clone(), message.content.clone()),
            other => panic!("not one message: {other:?}"),
        };
        (id.unwrap(), content.unwrap().to_string())
    }

    pub(crate) fn ack(&mut self, id: &RequestId, seq: u64) {
        let ack = Ack {
            seq: Some(Seq(seq)),
            epoch: Some(p("e1")),
            ..Ack::done(id.clone())
        };
        self.receive(ServerFrame::Ack(Box::new(ack)));
    }

    pub(crate) fn refuse(&mut self, id: &RequestId, code: ErrorCode) {
        let error = ErrorFrame::new(code, "no").answering(Some(id.clone()));
        self.receive(ServerFrame::Error(error));
    }

    /// An own message's event.
    pub(crate) fn echo(&mut self, room: &str, seq: u64, id: &RequestId) {
        let message = MessagePosted {
            id: Some(id.clone()),
            ..message(room, seq, "me")
        };
        self.receive(ServerFrame::Message(message));
    }

    /// Somebody else's message.
    pub(crate) fn hear(&mut self, room: &str, seq: u64) {
        self.receive(ServerFrame::Message(message(room, seq, "other")));
    }

    pub(crate) fn announce(&mut self, seq: u64) {
        let message = message("$broadcast", seq, "other");
        self.receive(ServerFrame::Broadcast(BroadcastPosted {
            seq: message.seq,
            from: message.from,
            user: message.user,
            id: None,
            content: message.content,
            data: None,
            timestamp: message.timestamp,
        }));
    }

    /// The seqs in a room's view.
    pub(crate) fn seqs(&self, room: &str) -> Vec<u64> {
        let room: RoomName = p(room);
        let view = if room.is_broadcast() {
            self.client.announcements()
        } else {
            self.client.room(&room).expect("the room is not open")
        };
        view.messages().map(|message| message.seq.0).collect()
    }

    pub(crate) fn edit(&mut self, room: &str, target: u64, content: &str) {
        self.apply(Input::Command(Command::Edit {
            room: p(room),
            target: Seq(target),
            content: Some(p(content)),
            data: None,
        }));
    }

    pub(crate) fn delete(&mut self, room: &str, target: u64) {
        let (room, target) = (p(room), Seq(target));
        self.apply(Input::Command(Command::Delete { room, target }));
    }

    pub(crate) fn react(&mut self, room: &str, target: u64, emoji: &str, on: bool) {
        self.apply(Input::Command(Command::React {
            room: p(room),
            target: Seq(target),
            emoji: p(emoji),
            on,
        }));
    }

    /// The one change that was sent: its id, and the frame in short.
    pub(crate) fn sent_change(&mut self) -> (RequestId, String) {
        let frames = self.take();
        let words = match frames.as_slice() {
            [ClientFrame::Edit(edit)] => {
                format!("edit {} {}", edit.target, edit.content.as_ref().unwrap())
            }
            [ClientFrame::Delete(delete)] => format!("delete {}", delete.target),
            [ClientFrame::React(react)] => {
                format!("react {} {} {}", react.target, react.emoji, react.on)
            }
            other => panic!("not one change: {other:?}"),
        };
        (frames[0].id().unwrap().clone(), words)
    }

    /// An edit's event.
    pub(crate) fn edited(&mut self, seq: u64, target: u64, content: &str, by: By<'_>) {
        self.receive(ServerFrame::Edited(MessageEdited {
            room: p("a"),
            seq: Seq(seq),
            target: Seq(target),
            from: p(by.user()),
            user: p(by.user()),
            id: by.id(),
            content: Some(p(content)),
            data: None,
            timestamp: Timestamp(seq),
        }));
    }

    /// A deletion's event.
    pub(crate) fn deleted(&mut self, seq: u64, target: u64, by: By<'_>) {
        self.receive(ServerFrame::Deleted(MessageDeleted {
            room: p("a"),
            seq: Seq(seq),
            target: Seq(target),
            from: p(by.user()),
            user: p(by.user()),
            id: by.id(),
            timestamp: Timestamp(seq),
        }));
    }

    /// A reaction's event.
    pub(crate) fn reacted(&mut self, seq: u64, target: u64, on: bool, by: By<'_>) {
        self.receive(ServerFrame::Reacted(MessageReacted {
            room: p("a"),
            seq: Seq(seq),
            target: Seq(target),
            from: p(by.user()),
            user: p(by.user()),
            id: by.id(),
            emoji: p("+1"),
            on,
            timestamp: Timestamp(seq),
        }));
    }

    /// What is shown of a message: its words, who reacted, and how each change of it stands.
    pub(crate) fn shown(&self, room: &str, seq: u64) -> String {
        let view = self.client.room(&p(room)).expect("the room is not open");
        let shown = view
            .message_view(Seq(seq))
            .expect("the message is not in view");
        let mut words = match &shown.message.content {
            Some(content) => content.to_string(),
            None => "(deleted)".to_owned(),
        };
        for reaction in &shown.message.reactions {
            let users: Vec<_> = reaction.users.iter().map(UserId::as_str).collect();
            words += &format!(" {}:{}", reaction.emoji, users.join(","));
        }
        for change in &shown.changes {
            words += &format!(" |{}", letter(change));
        }
        words
    }

    /// The refused changes that no message in view shows, by target.
    pub(crate) fn refused_changes(&self, room: &str) -> Vec<u64> {
        let view = self.client.room(&p(room)).expect("the room is not open");
        let targets = view.refused_changes().map(|send| send.target().unwrap().0);
        targets.collect()
    }

    /// The texts that are pending in a room's view, each with its state's first letter.
    pub(crate) fn pending(&self, room: &str) -> Vec<String> {
        let view = self.client.room(&p(room)).expect("the room is not open");
        let shown = view
            .pending()
            .map(|send| format!("{}:{}", send.content().unwrap(), letter(send)));
        shown.collect()
    }
}

/// Whose event it is.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    /// This client's, with this id.
    Me(&'a RequestId),
    /// Another user's.
    Other,
}

impl By<'_> {
    fn user(self) -> &'static str {
        match self {
            Self::Me(_) => "me",
            Self::Other => "other",
        }
    }

    fn id(self) -> Option<RequestId> {
        match self {
            Self::Me(id) => Some(id.clone()),
            Self::Other => None,
        }
    }
}

fn letter(send: &PendingSend) -> &'static str {
    match send.state() {
        SendState::Waiting => "w",
        SendState::InFlight => "f",
        SendState::Stored { .. } => "s",
        SendState::Refused(_) => "r",
    }
}

pub(crate) fn message(room: &str, seq: u64, user: &str) -> MessagePosted {
    MessagePosted {
        room: p(room),
        seq: Seq(seq),
        from: p(user),
        user: p(user),
        id: None,
        content: Some(p(&format!("number {seq}"))),
        data: None,
        timestamp: Timestamp(seq),
        deleted: false,
        edited_at: None,
        reactions: vec![],
    }
}

pub(crate) fn welcome() -> ServerFrame {
    ServerFrame::Welcome(Box::new(Welcome {
        protocol: common::version::V1_JSON.to_owned(),
        server: "harness".to_owned(),
        connection: p("c1"),
        user: User {
            id: p("me"),
            name: p("me"),
        },
        role: common::role::Role::Guest,
        limits: Limits::default(),
        heartbeat_ms: 25_000,
        timestamp: Timestamp(0),
    }))
}
