//! RFC 6455 on the whole way, from a raw socket through the session and back. The decoder's own
//! tests have every case; here stands what a client is told, and how a connection ends.

use crate::support::raw::{CLOSE, close_code, frame, next_frame, socket};
use crate::support::{DEADLINE, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const TEXT: u8 = 0x81;
const TEXT_BEGINS: u8 = 0x01;
const GOES_ON: u8 = 0x00;
const ENDS: u8 = 0x80;
const PING: u8 = 0x89;
const PONG: u8 = 0x8A;

/// Bytes that a client sends, and the code that it is closed with.
type Case = (Vec<u8>, u16);

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), reason].concat())
}

/// Whatever comes until the end, which is no reset.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let read = timeout(DEADLINE, stream.read_to_end(&mut rest)).await;
    read.expect("it stays open").expect("it is reset");
    rest
}

#[tokio::test]
async fn pings_are_answered_with_what_they_carry_between_the_fragments_of_a_message() {
    let server = Server::start().await;
    let (mut stream, _) = socket(&server, "").await;
    let frames = [
        frame(PONG, b"nobody asked"),
        frame(TEXT_BEGINS, br#"{"type":"#),
        frame(PING, b""),
        frame(GOES_ON, br#""pi"#),
        frame(PING, &[0xff; 125]),
        frame(ENDS, br#"ng"}"#),
        frame(PING, b"last"),
    ];
    stream.write_all(&frames.concat()).await.unwrap();
    assert_eq!(next_frame(&mut stream).await, (PONG, vec![]));
    assert_eq!(next_frame(&mut stream).await, (PONG, vec![0xff; 125]));
    let (kind, answer) = next_frame(&mut stream).await;
    assert_eq!(
        (kind, answer.starts_with(br#"{"type":"pong""#)),
        (TEXT, true)
    );
    assert_eq!(next_frame(&mut stream).await, (PONG, b"last".to_vec()));
}

#[tokio::test]
async fn a_close_is_answered_with_its_own_code_and_the_connection_ends_without_a_reset() {
    let server = Server::start().await;
    // More than the server reads at once, and has to take in all the same.
    let behind = [frame(PING, b"unheard"), vec![0; 1024 * 1024]].concat();
    for (sent, code) in [
        (frame(CLOSE, b""), None),
        (close(1000, b"bye"), Some(1000_u16)),
        (close(1001, &[b'x'; 123]), Some(1001)),
        (close(4999, "κόσμε".as_bytes()), Some(4999)),
    ] {
        let (mut stream, _) = socket(&server, "").await;
        let bytes = [sent, behind.clone()].concat();
        stream.write_all(&bytes).await.unwrap();
        let code = code.map_or(vec![], |code| code.to_be_bytes().to_vec());
        assert_eq!(next_frame(&mut stream).await, (CLOSE, code));
        assert_eq!(rest(&mut stream).await, b"", "nothing comes behind it");
    }
}

/// What breaks the protocol, group by group as the Autobahn test suite has it.
fn violations() -> Vec<Case> {
    let reserved_bits = [0x40, 0x20, 0x10, 0x70].map(|bits| frame(TEXT | bits, b"x"));
    let opcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
    let reserved_opcodes = opcodes.map(|opcode| frame(0x80 | opcode, b"x"));
    let codes = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, u16::MAX];
    let protocol = [
        frame(PING, &[0; 126]),
        frame(0x09, b"in two parts"),
        frame(ENDS, b"of what?"),
        [frame(TEXT_BEGINS, b"a"), frame(TEXT, b"b")].concat(),
        vec![TEXT, 1, b'x'],
        frame(CLOSE, b"x"),
        close(1000, &[b'x'; 124]),
    ];
    let protocol = protocol
        .into_iter()
        .chain(reserved_bits)
        .chain(reserved_opcodes)
        .chain(codes.map(|code| close(code, b"")));
    let utf8 = [
        frame(TEXT, b"\xc3\x28"),
        close(1000, b"\xff"),
        // These wait for nothing: the rest of the message never comes.
        [frame(TEXT_BEGINS, b"good"), frame(GOES_ON, b"\xed\xa0\x80")].concat(),
        frame(TEXT, &[b"\xf4\x90".as_slice(), &[b'x'; 60]].concat())[..8].to_vec(),
    ];
    let utf8 = utf8.into_iter().map(|bytes| (bytes, 1007));
    protocol.map(|bytes| (bytes, 1002)).chain(utf8).collect()
}

#[tokio::test]
async fn what_breaks_the_protocol_is_told_in_its_own_codes_and_nothing_behind_it_is_heard() {
    let server = Server::start().await;
    for (bytes, code) in violations() {
        let (mut stream, _) = socket(&server, "").await;
        stream.write_all(&bytes).await.unwrap();
        assert_eq!(close_code(&mut stream).await, code, "for {bytes:?}");
        stream.write_all(&frame(PING, b"unheard")).await.unwrap();
        assert_eq!(rest(&mut stream).await, b"", "for {bytes:?}");
    }
}
