//! One small and one full form of every frame. The golden files are these, as bytes.

use common::api::RoomSummary;
use common::command::{
    Authenticate, DeleteMessage, EditMessage, Join, Leave, MarkRead, Ping, PostBroadcast,
    PostMessage, React, ReadHistory, WatchRooms,
};
use common::event::{
    BroadcastPosted, MessageDeleted, MessageEdited, MessagePosted, MessageReacted, Reaction,
};
use common::ids::Seq;
use common::limits::Limits;
use common::reply::{
    Ack, Expiring, Goodbye, GoodbyeReason, HistoryPage, Joined, Left, Pong, Presence, ReadUpTo,
    RoomsUpdate, Welcome,
};
use common::role::Role;
use common::room::{LeftReason, Muted, RoomAction, RoomKind, RoomRole, RoomSettings, RoomsChanged};
use common::text::{Content, Data};
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

fn content() -> Option<Content> {
    Some(p("Hello, \"W\u{f6}rld\"!\n\u{1f44b}"))
}

fn data() -> Option<Data> {
    Some(p("{\"x\":[1,2.50,null],\"y\":\"\\u00e9\"}"))
}

/// Where a variant's golden files are. A new variant does not compile until it is named here, and
/// does not pass until both its forms are among the samples below.
pub(crate) fn client_name(frame: &ClientFrame) -> &'static str {
    match frame {
        ClientFrame::Join(_) => "client.join",
        ClientFrame::Leave(_) => "client.leave",
        ClientFrame::Message(_) => "client.message",
        ClientFrame::Broadcast(_) => "client.broadcast",
        ClientFrame::Edit(_) => "client.edit",
        ClientFrame::Delete(_) => "client.delete",
        ClientFrame::React(_) => "client.react",
        ClientFrame::Read(_) => "client.read",
        ClientFrame::Authenticate(_) => "client.authenticate",
        ClientFrame::WatchRooms(_) => "client.watch_rooms",
        ClientFrame::Ping(_) => "client.ping",
        ClientFrame::History(_) => "client.history",
    }
}

/// The same for the server's frames.
pub(crate) fn server_name(frame: &ServerFrame) -> &'static str {
    match frame {
        ServerFrame::Welcome(_) => "server.welcome",
        ServerFrame::Joined(_) => "server.joined",
        ServerFrame::Left(_) => "server.left",
        ServerFrame::Ack(_) => "server.ack",
        ServerFrame::Error(_) => "server.error",
        ServerFrame::Message(_) => "server.message",
        ServerFrame::Edited(_) => "server.edited",
        ServerFrame::Deleted(_) => "server.deleted",
        ServerFrame::Reacted(_) => "server.reacted",
        ServerFrame::Read(_) => "server.read",
        ServerFrame::Broadcast(_) => "server.broadcast",
        ServerFrame::Presence(_) => "server.presence",
        ServerFrame::Settings(_) => "server.settings",
        ServerFrame::RoomsChanged(_) => "server.rooms_changed",
        ServerFrame::Rooms(_) => "server.rooms",
        ServerFrame::Expiring(_) => "server.expiring",
        ServerFrame::Pong(_) => "server.pong",
        ServerFrame::Goodbye(_) => "server.goodbye",
    }
}

/// Every name there is. Keep in step with the two functions above.
pub(crate) const NAMES: &[&str] = &[
    "client.join",
    "client.leave",
    "client.message",
    "client.broadcast",
    "client.edit",
    "client.delete",
    "client.react",
    "client.read",
    "client.authenticate",
    "client.watch_rooms",
    "client.ping",
    "client.history",
    "server.welcome",
    "server.joined",
    "server.left",
    "server.ack",
    "server.error",
    "server.message",
    "server.edited",
    "server.deleted",
    "server.reacted",
    "server.read",
    "server.broadcast",
    "server.presence",
    "server.settings",
    "server.rooms",
    "server.rooms_changed",
    "server.expiring",
    "server.pong",
    "server.goodbye",
];

/// A form of a frame, by name: `min` has only what must be there, `full` all there can be.
pub(crate) type Sample<F> = (&'static str, F);

pub(crate) fn client() -> Vec<Sample<ClientFrame>> {
    let mut samples = entering();
    samples.extend(saying());
    samples.extend(changing());
    samples.extend(asking());
    samples
}

fn entering() -> Vec<Sample<ClientFrame>> {
    let (room, id) = (p("general"), Some(p("req-1")));
    vec![
        (
            "min",
            ClientFrame::Join(Join {
                id: None,
                room: p("general"),
                last: None,
                since: None,
                epoch: None,
            }),
        ),
        (
            "full",
            ClientFrame::Join(Join {
                id: Some(p("req-1")),
                room: p("Salle \u{e0} manger"),
                last: Some(50),
                since: Some(Seq(4711)),
                epoch: Some(p("3fz8k2m9q1x7w")),
            }),
        ),
        (
            "min",
            ClientFrame::Leave(Leave {
                id: None,
                room: p("general"),
            }),
        ),
        ("full", ClientFrame::Leave(Leave { id, room })),
    ]
}

fn saying() -> Vec<Sample<ClientFrame>> {
    let room = || p("general");
    vec![
        (
            "min",
            ClientFrame::Message(PostMessage {
                id: None,
                room: room(),
                content: Some(p("Hello!")),
                data: None,
            }),
        ),
        (
            "full",
            ClientFrame::Message(PostMessage {
                id: Some(p("req-1")),
                room: room(),
                content: content(),
                data: data(),
            }),
        ),
        (
            "min",
            ClientFrame::Broadcast(PostBroadcast {
                id: None,
                content: Some(p("Announcement")),
                data: None,
            }),
        ),
        (
            "full",
            ClientFrame::Broadcast(PostBroadcast {
                id: Some(p("req-1")),
                content: content(),
                data: data(),
            }),
        ),
    ]
}

fn changing() -> Vec<Sample<ClientFrame>> {
    let edit = |id, content, data| {
        ClientFrame::Edit(EditMessage {
            id,
            room: p("general"),
            target: Seq(7),
            content,
            data,
        })
    };
    let delete = |id| {
        ClientFrame::Delete(DeleteMessage {
            id,
            room: p("general"),
            target: Seq(7),
        })
    };
    let react = |id, emoji, on| {
        ClientFrame::React(React {
            id,
            room: p("general"),
            target: Seq(7),
            emoji,
            on,
        })
    };
    let read = |id| {
        ClientFrame::Read(MarkRead {
            id,
            room: p("general"),
            seq: Seq(7),
        })
    };
    let id = || Some(p("req-1"));
    vec![
        ("min", edit(None, Some(p("Hello, all!")), None)),
        ("full", edit(id(), content(), data())),
        ("min", delete(None)),
        ("full", delete(id())),
        ("min", react(None, p("+1"), true)),
        ("full", react(id(), p("\u{1f44d}"), false)),
        ("min", read(None)),
        ("full", read(id())),
    ]
}

fn asking() -> Vec<Sample<ClientFrame>> {
    vec![
        ("min", ClientFrame::Authenticate(Authenticate::default())),
        (
            "full",
            ClientFrame::Authenticate(Authenticate {
                id: Some(p("req-1")),
                token: Some(p("hba_0123456789abcdef")),
            }),
        ),
        ("min", ClientFrame::WatchRooms(WatchRooms { id: None })),
        (
            "full",
            ClientFrame::WatchRooms(WatchRooms {
                id: Some(p("req-1")),
            }),
        ),
        ("min", ClientFrame::Ping(Ping { id: None })),
        (
            "full",
            ClientFrame::Ping(Ping {
                id: Some(p("req-1")),
            }),
        ),
        (
            "min",
            ClientFrame::History(ReadHistory {
                id: None,
                room: p("general"),
                before: None,
                after: None,
                limit: None,
            }),
        ),
        (
            "full",
            ClientFrame::History(ReadHistory {
                id: Some(p("req-1")),
                room: p("general"),
                before: Some(Seq(200)),
                after: Some(Seq(100)),
                limit: Some(20),
            }),
        ),
    ]
}

const NOON: Timestamp = Timestamp(1_704_110_400_000);

fn ada() -> User {
    User {
        id: p("~Ada"),
        name: p("Ada"),
    }
}

fn posted(full: bool) -> MessagePosted {
    MessagePosted {
        room: p("general"),
        seq: Seq(4712),
        from: p("user123"),
        user: p("~user123"),
        id: full.then(|| p("req-1")),
        content: if full { content() } else { Some(p("Hello!")) },
        data: data().filter(|_| full),
        timestamp: NOON,
        deleted: false,
        edited_at: None,
        reactions: vec![],
    }
}

/// As a page of history has it: with everything that became of it.
fn folded() -> MessagePosted {
    let reaction = |emoji, users: &[&str]| Reaction {
        emoji: p(emoji),
        users: users.iter().map(|user| p(user)).collect(),
    };
    MessagePosted {
        edited_at: Some(NOON),
        reactions: vec![
            reaction("\u{1f44d}", &["~Bob", "~Eve"]),
            reaction("+1", &["~Eve"]),
        ],
        ..posted(true)
    }
}

fn changes() -> Vec<Sample<ServerFrame>> {
    let id = |full: bool| full.then(|| p("req-1"));
    let (room, seq, target) = (|| p("general"), Seq(4713), Seq(4712));
    let (from, user) = (|| p("user123"), || p("~user123"));
    let edited = |full| {
        ServerFrame::Edited(MessageEdited {
            room: room(),
            seq,
            target,
            from: from(),
            user: user(),
            id: id(full),
            content: if full {
                content()
            } else {
                Some(p("Hello, all!"))
            },
            data: data().filter(|_| full),
            timestamp: NOON,
        })
    };
    let deleted = |full| {
        ServerFrame::Deleted(MessageDeleted {
            room: room(),
            seq,
            target,
            from: from(),
            user: user(),
            id: id(full),
            timestamp: NOON,
        })
    };
    let reacted = |full| {
        ServerFrame::Reacted(MessageReacted {
            room: room(),
            seq,
            target,
            from: from(),
            user: user(),
            id: id(full),
            emoji: p("\u{1f44d}"),
            on: full,
            timestamp: NOON,
        })
    };
    let read = ServerFrame::Read(ReadUpTo { room: room(), seq });
    vec![
        ("min", edited(false)),
        ("full", edited(true)),
        ("min", deleted(false)),
        ("full", deleted(true)),
        ("min", reacted(false)),
        ("full", reacted(true)),
        ("min", read.clone()),
        ("full", read),
    ]
}

fn announced(full: bool) -> BroadcastPosted {
    BroadcastPosted {
        seq: Seq(7),
        from: p("user123"),
        user: p("~user123"),
        id: full.then(|| p("req-1")),
        content: if full {
            content()
        } else {
            Some(p("Announcement"))
        },
        data: data().filter(|_| full),
        timestamp: NOON,
    }
}

pub(crate) fn server() -> Vec<Sample<ServerFrame>> {
    let mut samples = greetings();
    samples.extend(answers());
    samples.extend(settings());
    samples.extend(news());
    samples.extend(changes());
    samples
}

fn greetings() -> Vec<Sample<ServerFrame>> {
    let welcome = ServerFrame::Welcome(Box::new(Welcome {
        protocol: common::version::V1_JSON.to_owned(),
        server: "hubbub/0.1.0".to_owned(),
        connection: p("c1"),
        user: ada(),
        role: Role::Member,
        limits: Limits {
            frame_bytes_max: 524_288,
            content_bytes_max: 16_384,
            data_bytes_max: 65_536,
            rooms_max: 1000,
            page_messages_max: 200,
        },
        heartbeat_ms: 25_000,
        timestamp: NOON,
    }));
    let goodbye = |reason, reconnect_after_ms| {
        ServerFrame::Goodbye(Goodbye {
            reason,
            reconnect_after_ms,
        })
    };
    vec![
        ("min", welcome.clone()),
        ("full", welcome),
        ("min", goodbye(GoodbyeReason::Unknown, 0)),
        ("full", goodbye(GoodbyeReason::Shutdown, 1500)),
    ]
}

fn answers() -> Vec<Sample<ServerFrame>> {
    let joined = |head, after, complete, read| {
        ServerFrame::Joined(Joined {
            room: p("general"),
            epoch: p("3fz8k2m9q1x7w"),
            head: Seq(head),
            after: Seq(after),
            complete,
            read,
        })
    };
    let left = |reason| {
        ServerFrame::Left(Left {
            room: p("general"),
            reason,
        })
    };
    let mut error = ErrorFrame::new(ErrorCode::Overloaded, "the node is busy")
        .answering(Some(p("req-1")))
        .about(p("general"));
    error.retry_after_ms = Some(1000);
    let pong = ServerFrame::Pong(Pong { timestamp: NOON });
    let expiring = ServerFrame::Expiring(Expiring {
        close_in_ms: 60_000,
    });
    vec![
        ("min", joined(0, 0, true, None)),
        ("full", joined(4711, 4661, false, Some(Seq(4700)))),
        ("min", left(None)),
        ("full", left(Some(LeftReason::Banned))),
        ("min", ServerFrame::Ack(Box::new(Ack::done(p("req-1"))))),
        ("full", ServerFrame::Ack(Box::new(full_ack()))),
        (
            "min",
            ServerFrame::Error(ErrorFrame::new(ErrorCode::NotJoined, "not in that room")),
        ),
        ("full", ServerFrame::Error(error)),
        ("min", expiring.clone()),
        ("full", expiring),
        ("min", pong.clone()),
        ("full", pong),
    ]
}

/// What holds in a room.
fn settings() -> Vec<Sample<ServerFrame>> {
    let min = RoomSettings {
        may: Vec::new(),
        ..RoomSettings::default_for(p("general"))
    };
    let full = RoomSettings {
        room: p("$3fz8k2m9q1x7w"),
        door: RoomKind::Private,
        title: Some(p("Émile's lounge")),
        topic: Some(p("Where to eat <b>today</b>")),
        with: Some(User {
            id: p("u-2"),
            name: p("Bob"),
        }),
        locked: true,
        archived: true,
        slow_mode_ms: 10_000,
        standing: RoomRole::Owner,
        may: RoomAction::ALL.to_vec(),
        muted: Some(Muted { until: Some(NOON) }),
    };
    let changed = |by| {
        ServerFrame::RoomsChanged(RoomsChanged {
            room: p("$3fz8k2m9q1x7w"),
            by,
        })
    };
    vec![
        ("min", ServerFrame::Settings(Box::new(min))),
        ("full", ServerFrame::Settings(Box::new(full))),
        ("min", changed(None)),
        ("full", changed(Some(p("u-1")))),
        ("min", ServerFrame::Rooms(Box::new(no_rooms()))),
        ("full", ServerFrame::Rooms(Box::new(full_rooms()))),
    ]
}

fn no_rooms() -> RoomsUpdate {
    RoomsUpdate {
        version: 0,
        complete: false,
        rooms: vec![],
        gone: vec![],
    }
}

fn full_rooms() -> RoomsUpdate {
    let full = RoomSummary {
        room: p("$3fz8k2m9q1x7w"),
        head: Seq(17),
        online: 3,
        last_at: Some(NOON),
        door: RoomKind::Private,
        title: Some(p("Émile's lounge")),
        topic: Some(p("Where to eat <b>today</b>")),
        with: Some(User {
            id: p("u-2"),
            name: p("Bob"),
        }),
        archived: true,
    };
    RoomsUpdate {
        version: 12,
        complete: true,
        rooms: vec![full, RoomSummary::default_for(p("general"), 0)],
        gone: vec![p("old")],
    }
}

/// No real `ack` has all of this: a message's has the place, that of `history` the page.
fn full_ack() -> Ack {
    let epoch = || p("3fz8k2m9q1x7w");
    Ack {
        id: p("req-1"),
        room: Some(p("general")),
        seq: Some(Seq(4712)),
        epoch: Some(epoch()),
        timestamp: Some(NOON),
        page: Some(HistoryPage {
            room: p("general"),
            epoch: epoch(),
            head: Seq(4712),
            messages: vec![posted(false), folded()],
            more: true,
        }),
    }
}

fn news() -> Vec<Sample<ServerFrame>> {
    let bob = User {
        id: p("~Bob"),
        name: p("Bob"),
    };
    vec![
        ("min", ServerFrame::Message(posted(false))),
        ("full", ServerFrame::Message(posted(true))),
        ("min", ServerFrame::Broadcast(announced(false))),
        ("full", ServerFrame::Broadcast(announced(true))),
        (
            "min",
            ServerFrame::Presence(Presence {
                room: p("general"),
                count: 1,
                users: None,
                joined: vec![],
                left: vec![],
            }),
        ),
        (
            "full",
            ServerFrame::Presence(Presence {
                room: p("general"),
                count: 2,
                users: Some(vec![ada()]),
                joined: vec![bob],
                left: vec![p("~Eve")],
            }),
        ),
    ]
}
