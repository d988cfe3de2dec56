use super::*;
use common::codec::encode_server;
use common::event::MessagePosted;
use common::ids::Seq;
use common::reply::Ack;
use common::time::Timestamp;
use common::{ErrorCode, ErrorFrame, ServerFrame};

/// As the server frames a text.
fn framed(text: &str) -> Vec<u8> {
    let mut bytes = match text.len() {
        length @ ..126 => vec![0x81, length as u8],
        length @ ..65_536 => {
            let length = (length as u16).to_be_bytes();
            vec![0x81, 126, length[0], length[1]]
        }
        length => {
            let mut bytes = vec![0x81, 127];
            bytes.extend((length as u64).to_be_bytes());
            bytes
        }
    };
    bytes.extend(text.as_bytes());
    bytes
}

fn message(room: &str, seq: u64, content: &str) -> String {
    encode_server(&ServerFrame::Message(MessagePosted {
        room: room.parse().unwrap(),
        seq: Seq(seq),
        from: "somebody".parse().unwrap(),
        user: "~somebody".parse().unwrap(),
        id: Some("1".parse().unwrap()),
        content: content.parse().ok(),
        data: None,
        timestamp: Timestamp(0),
        deleted: false,
        edited_at: None,
        reactions: vec![],
    }))
}

#[test]
fn frames_of_every_length_are_found_and_a_part_of_one_is_left() {
    for length in [0, 1, 125, 126, 300, 65_535, 65_536, 70_000] {
        let (first, second) = (framed("a"), framed(&"x".repeat(length)));
        let whole = [first.clone(), second.clone()].concat();
        let mut outgoing = Vec::new();
        let mut frames = Frames::new(&whole, &mut outgoing);
        assert_eq!(frames.next(), Some(Frame::Text(b"a")));
        let expected = "x".repeat(length);
        assert_eq!(frames.next(), Some(Frame::Text(expected.as_bytes())));
        assert_eq!((frames.next(), frames.rest()), (None, &b""[..]));
        for cut in [1, 2, second.len() - 1] {
            let part = &whole[..first.len() + cut.min(second.len() - 1)];
            let mut frames = Frames::new(part, &mut outgoing);
            assert_eq!(frames.by_ref().count(), 1, "cut at {cut}");
            assert_eq!(frames.rest(), &part[first.len()..]);
        }
    }
}

#[test]
fn a_ping_is_answered_with_what_it_says_and_a_close_has_its_code() {
    let mut outgoing = Vec::new();
    let bytes = [0x89, 2, b'h', b'i', 0x88, 2, 0x0f, 0xa2, 0x88, 0];
    let frames: Vec<_> = Frames::new(&bytes, &mut outgoing).collect();
    assert_eq!(
        frames,
        [Frame::Other, Frame::Closed(Some(4002)), Frame::Closed(None)]
    );
    assert_eq!(outgoing, [0x8A, 0x82, 0, 0, 0, 0, b'h', b'i']);
}

#[test]
fn frames_are_known_by_how_the_codec_writes_them() {
    let ack = ServerFrame::Ack(Box::new(Ack::done("a".parse().unwrap())));
    let refused = ServerFrame::Error(ErrorFrame::new(ErrorCode::Overloaded, "no"));
    assert_eq!(kind(encode_server(&ack).as_bytes()), Kind::Ack);
    assert_eq!(kind(encode_server(&refused).as_bytes()), Kind::Refused);
    let text = message("r", 1, "hello");
    assert_eq!(kind(text.as_bytes()), Kind::Message);
    assert_eq!(kind(b"[]"), Kind::Other);
}

#[test]
fn a_message_of_the_run_is_read_as_the_codec_writes_it() {
    let prefix = room_prefix(&"fan-out-1".parse().unwrap());
    let read = |text: &str| mark(&prefix, text.as_bytes());
    let expected = Mark {
        seq: 4711,
        writer: 3,
        number: 42,
    };
    assert_eq!(
        read(&message("fan-out-1", 4711, "3:42:xxxx")),
        Some(expected)
    );
    for other in [
        message("fan-out-2", 4711, "3:42:xxxx"),
        message("fan-out-1", 4711, "hello"),
        message("fan-out-1", 4711, "3:42"),
        message("fan-out-1", 4711, "3:99999999999:x"),
    ] {
        assert_eq!(read(&other), None, "{other}");
    }
}
