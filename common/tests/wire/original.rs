//! The five types of the original system, as its clients write and read them.

use crate::samples::p;
use common::codec::{decode_client, encode_server};
use common::event::{BroadcastPosted, MessagePosted};
use common::ids::Seq;
use common::reply::Pong;
use common::time::Timestamp;
use common::{ClientFrame, ServerFrame};

#[test]
fn what_the_original_clients_send_is_understood() {
    for (text, check) in [
        (
            r#"{"type":"join","room":"general"}"#,
            (|frame| matches!(frame, ClientFrame::Join(j) if j.room == p("general")))
                as fn(&ClientFrame) -> bool,
        ),
        (
            r#"{"type":"leave","room":"general"}"#,
            |frame| matches!(frame, ClientFrame::Leave(l) if l.room == p("general")),
        ),
        (
            r#"{"type":"message","room":"general","content":"Hello!"}"#,
            |frame| matches!(frame, ClientFrame::Message(m) if m.content == Some(p("Hello!"))),
        ),
        (
            r#"{"type":"broadcast","content":"Announcement"}"#,
            |frame| matches!(frame, ClientFrame::Broadcast(b) if b.content == Some(p("Announcement"))),
        ),
        (r#"{"type":"ping"}"#, |frame| {
            matches!(frame, ClientFrame::Ping(_))
        }),
    ] {
        let frame = decode_client(text).unwrap();
        assert!(check(&frame), "{text} was read as {frame:?}");
        assert_eq!(common::codec::encode_client(&frame), text);
    }
}

/// A field of a frame, as a program without our types reads it.
fn field(frame: &str, name: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(frame).unwrap();
    value
        .get(name)
        .map(|value| value.as_str().unwrap().to_owned())
}

#[test]
fn what_the_original_clients_expect_is_there() {
    let timestamp = Timestamp(1_704_110_400_000);
    let message = ServerFrame::Message(MessagePosted {
        room: p("general"),
        seq: Seq(1),
        from: p("user123"),
        user: p("u"),
        id: None,
        content: Some(p("Hello!")),
        data: None,
        timestamp,
        deleted: false,
        edited_at: None,
        reactions: vec![],
    });
    let broadcast = ServerFrame::Broadcast(BroadcastPosted {
        seq: Seq(1),
        from: p("user123"),
        user: p("u"),
        id: None,
        content: Some(p("Announcement")),
        data: None,
        timestamp,
    });
    let time = ("timestamp", "2024-01-01T12:00:00.000Z");
    let cases: [(ServerFrame, &[(&str, &str)]); 3] = [
        (
            message,
            &[
                ("type", "message"),
                ("room", "general"),
                ("from", "user123"),
                ("content", "Hello!"),
                time,
            ],
        ),
        (
            broadcast,
            &[
                ("type", "broadcast"),
                ("from", "user123"),
                ("content", "Announcement"),
                time,
            ],
        ),
        (
            ServerFrame::Pong(Pong { timestamp }),
            &[("type", "pong"), time],
        ),
    ];
    for (frame, fields) in cases {
        let text = encode_server(&frame);
        for (name, expected) in fields {
            assert_eq!(
                field(&text, name).as_deref(),
                Some(*expected),
                "{name} in {text}"
            );
        }
    }
}
