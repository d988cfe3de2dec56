//! Whatever a frame holds, it comes back from its bytes as it was.

use common::codec::{decode_client, decode_server, encode_client, encode_server};
use common::command::{
    Authenticate, Join, Leave, Ping, PostBroadcast, PostMessage, ReadHistory, WatchRooms,
};
use common::error::{ErrorCode, ErrorFrame};
use common::event::{BroadcastPosted, MessagePosted};
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::limits::Limits;
use common::reply::{
    Ack, Goodbye, GoodbyeReason, HistoryPage, Joined, Left, Pong, Presence, Welcome,
};
use common::role::Role;
use common::text::{Content, Data, RoomName, UserName};
use common::time::Timestamp;
use common::user::User;
use common::{ClientFrame, ServerFrame};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn valid<T: std::str::FromStr + std::fmt::Debug>(pattern: &'static str) -> BoxedStrategy<T> {
    pattern
        .prop_filter_map("not valid", |text: String| text.parse().ok())
        .boxed()
}

fn room() -> BoxedStrategy<RoomName> {
    prop_oneof![
        valid("[a-z:-]{1,64}"),
        valid("\\PC{1,20}"),
        Just(RoomName::broadcast())
    ]
    .boxed()
}

fn name() -> BoxedStrategy<UserName> {
    valid("\\PC{1,16}")
}

fn id() -> BoxedStrategy<RequestId> {
    valid("[!-~]{1,64}")
}

fn epoch() -> BoxedStrategy<Epoch> {
    valid("[!-~]{1,64}")
}

fn user_id() -> BoxedStrategy<UserId> {
    valid("\\PC{1,30}")
}

fn content() -> BoxedStrategy<Content> {
    prop_oneof![
        valid("(?s).{1,60}"),
        valid("[\"\\\\/\u{0}-\u{1f}\u{7f}\u{2028}]{1,9}x")
    ]
    .boxed()
}

fn data() -> BoxedStrategy<Data> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        "-?[1-9][0-9]{0,30}\\.[0-9]{1,30}([eE][+-]?[0-9]{1,2})?",
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec(inner, 0..4).prop_map(|items| {
                let fields: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(i, v)| format!("\"k{i}\":{v}"))
                    .collect();
                format!("{{{}}}", fields.join(", "))
            }),
        ]
    })
    .prop_map(|json| json.parse().unwrap())
    .boxed()
}

fn seq() -> BoxedStrategy<Seq> {
    (0..1_u64 << 53).prop_map(Seq).boxed()
}

/// RFC 3339 ends with the year 9999.
fn timestamp() -> BoxedStrategy<Timestamp> {
    (0..253_402_300_800_000_u64).prop_map(Timestamp).boxed()
}

/// Text, JSON or both: a message that says something.
fn body() -> BoxedStrategy<(Option<Content>, Option<Data>)> {
    prop_oneof![
        content().prop_map(|content| (Some(content), None)),
        data().prop_map(|data| (None, Some(data))),
        (content(), data()).prop_map(|(content, data)| (Some(content), Some(data))),
    ]
    .prop_filter("JSON null reads as no data at all", |(_, data)| {
        data.as_ref().is_none_or(|data| data.as_str() != "null")
    })
    .boxed()
}

fn client_frame() -> impl Strategy<Value = ClientFrame> {
    let id = || option::of(id());
    prop_oneof![
        (
            id(),
            room(),
            option::of(any::<u64>()),
            option::of(seq()),
            option::of(epoch())
        )
            .prop_map(|(id, room, last, since, epoch)| ClientFrame::Join(Join {
                id,
                room,
                last,
                since,
                epoch
            })),
        (id(), room()).prop_map(|(id, room)| ClientFrame::Leave(Leave { id, room })),
        (id(), room(), body()).prop_map(|(id, room, (content, data))| ClientFrame::Message(
            PostMessage {
                id,
                room,
                content,
                data
            }
        )),
        (id(), body()).prop_map(
            |(id, (content, data))| ClientFrame::Broadcast(PostBroadcast { id, content, data })
        ),
        id().prop_map(|id| ClientFrame::WatchRooms(WatchRooms { id })),
        id().prop_map(|id| ClientFrame::Ping(Ping { id })),
        (id(), option::of(valid("[!-~]{1,64}")))
            .prop_map(|(id, token)| ClientFrame::Authenticate(Authenticate { id, token })),
        (
            id(),
            room(),
            option::of(seq()),
            option::of(seq()),
            option::of(any::<usize>())
        )
            .prop_map(|(id, room, before, after, limit)| ClientFrame::History(
                ReadHistory {
                    id,
                    room,
                    before,
                    after,
                    limit
                }
            )),
    ]
}

fn user() -> BoxedStrategy<User> {
    (user_id(), name())
        .prop_map(|(id, name)| User { id, name })
        .boxed()
}

fn message() -> BoxedStrategy<MessagePosted> {
    (room(), seq(), user(), option::of(id()), body(), timestamp())
        .prop_map(
            |(room, seq, user, id, (content, data), timestamp)| MessagePosted {
                room,
                seq,
                from: user.name,
                user: user.id,
                id,
                content,
                data,
                timestamp,
                deleted: false,
                edited_at: None,
                reactions: vec![],
            },
        )
        .boxed()
}

fn broadcast() -> impl Strategy<Value = ServerFrame> {
    message().prop_map(|message| {
        ServerFrame::Broadcast(BroadcastPosted {
            seq: message.seq,
            from: message.from,
            user: message.user,
            id: message.id,
            content: message.content,
            data: message.data,
            timestamp: message.timestamp,
        })
    })
}

fn welcome() -> impl Strategy<Value = ServerFrame> {
    let limits = any::<[usize; 5]>().prop_map(|[a, b, c, d, e]| Limits {
        frame_bytes_max: a,
        content_bytes_max: b,
        data_bytes_max: c,
        rooms_max: d,
        page_messages_max: e,
    });
    let role = prop::sample::select(&Role::ALL);
    (
        any::<[String; 2]>(),
        valid("[!-~]{1,64}"),
        (user(), role),
        limits,
        any::<u64>(),
        timestamp(),
    )
        .prop_map(
            |([protocol, server], connection, (user, role), limits, heartbeat_ms, timestamp)| {
                ServerFrame::Welcome(Box::new(Welcome {
                    protocol,
                    server,
                    connection,
                    user,
                    role,
                    limits,
                    heartbeat_ms,
                    timestamp,
                }))
            },
        )
}

fn ack() -> impl Strategy<Value = ServerFrame> {
    let page = (room(), epoch(), seq(), vec(message(), 0..4), any::<bool>()).prop_map(
        |(room, epoch, head, messages, more)| HistoryPage {
            room,
            epoch,
            head,
            messages,
            more,
        },
    );
    let place = (
        option::of(room()),
        option::of(seq()),
        option::of(epoch()),
        option::of(timestamp()),
    );
    (id(), place, option::of(page)).prop_map(|(id, (room, seq, epoch, timestamp), page)| {
        ServerFrame::Ack(Box::new(Ack {
            id,
            room,
            seq,
            epoch,
            timestamp,
            page,
        }))
    })
}

fn error() -> impl Strategy<Value = ServerFrame> {
    use ErrorCode as E;
    let code = prop_oneof![
        Just(E::MalformedFrame),
        Just(E::NotJoined),
        Just(E::StoreUnavailable),
        Just(E::Unknown)
    ];
    let rest = (any::<bool>(), option::of(any::<u64>()), option::of(room()));
    (option::of(id()), code, any::<String>(), rest).prop_map(
        |(id, code, message, (retryable, retry_after_ms, room))| {
            ServerFrame::Error(ErrorFrame {
                id,
                code,
                message,
                retryable,
                retry_after_ms,
                room,
            })
        },
    )
}

fn presence() -> impl Strategy<Value = ServerFrame> {
    let lists = (
        option::of(vec(user(), 0..4)),
        vec(user(), 0..4),
        vec(user_id(), 0..4),
    );
    (room(), any::<usize>(), lists).prop_map(|(room, count, (users, joined, left))| {
        ServerFrame::Presence(Presence {
            room,
            count,
            users,
            joined,
            left,
        })
    })
}

fn server_frame() -> impl Strategy<Value = ServerFrame> {
    let reason = prop_oneof![Just(GoodbyeReason::Shutdown), Just(GoodbyeReason::Unknown)];
    prop_oneof![
        welcome(),
        (room(), epoch(), seq(), seq(), any::<bool>()).prop_map(
            |(room, epoch, head, after, complete)| ServerFrame::Joined(Joined {
                room,
                epoch,
                head,
                after,
                complete,
                read: None
            })
        ),
        room().prop_map(|room| ServerFrame::Left(Left { room, reason: None })),
        ack(),
        error(),
        message().prop_map(ServerFrame::Message),
        broadcast(),
        presence(),
        timestamp().prop_map(|timestamp| ServerFrame::Pong(Pong { timestamp })),
        (reason, any::<u64>()).prop_map(|(reason, reconnect_after_ms)| ServerFrame::Goodbye(
            Goodbye {
                reason,
                reconnect_after_ms
            }
        )),
    ]
}

proptest! {
    #[test]
    fn client_frames_come_back(frame in client_frame()) {
        let text = encode_client(&frame);
        prop_assert_eq!(decode_client(&text), Ok(frame), "{}", text);
    }

    #[test]
    fn server_frames_come_back(frame in server_frame()) {
        let text = encode_server(&frame);
        prop_assert_eq!(decode_server(&text).unwrap(), frame, "{}", text);
    }
}
