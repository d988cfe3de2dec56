//! Says back whatever message it is sent, so that a test suite of the WebSocket protocol can ask the
//! server's own pieces: the handshake, the decoder, the frames, and how a connection ends. What it
//! adds is the echo, for Hubbub itself answers in frames of its protocol.
//!
//! `cargo xtask autobahn` runs it; `cargo run -p backend --example echo [ADDRESS]` does so by hand.

use backend::session::link::{Link, Timeouts, WorkerHandle};
use backend::session::{End, close};
use backend::wire::decoder::{Decoder, Incoming};
use backend::wire::{Data, data_into};
use backend::ws::Handshake;
use backend::ws::first_request::{self, First};
use std::env::args;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Where it listens, unless told.
const ADDRESS: &str = "127.0.0.1:9001";

/// The longest message of the Autobahn test suite.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// As much as a session reads at once.
const READ_BYTES: usize = 64 * 1024;

/// Longer than any case: nobody here looks at the time.
const EVER: Duration = Duration::from_secs(3600);

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let address = args().nth(1).unwrap_or_else(|| ADDRESS.to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("echo at ws://{}/ws", listener.local_addr()?);
    let shard = Arc::default();
    let worker = WorkerHandle { shard, number: 0 };
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        tokio::spawn(serve(socket, worker.clone()));
    }
}

/// One connection. Whatever is no handshake is closed without a word.
async fn serve(socket: TcpStream, worker: WorkerHandle) {
    let Some(First::Upgrade(request)) = first_request::read(&socket).await else {
        return;
    };
    let Ok(handshake) = Handshake::of(&request.parts) else {
        return;
    };
    let timeouts = Timeouts::new(EVER, EVER);
    let link = Link::new(socket, 0, worker, timeouts, handshake.bytes());
    let mut decoder = Decoder::default();
    decoder.feed(request.unread());
    let end = echo(&link, &mut decoder).await;
    close(&link, &mut decoder, MESSAGE_BYTES_MAX, end).await;
}

/// Answers until something ends it.
async fn echo(link: &Link, decoder: &mut Decoder) -> End {
    let mut bytes = vec![0; READ_BYTES];
    loop {
        let answered = answer(link, decoder);
        link.write();
        if let Some(end) = answered.err().or_else(|| link.end()) {
            return end;
        }
        while link.is_blocked() {
            // An error shows with the next write.
            drop(link.stream().writable().await);
            link.write();
        }
        if link.stream().readable().await.is_err() {
            return End::Gone;
        }
        match link.stream().try_read(&mut bytes) {
            Ok(count @ 1..) => decoder.feed(bytes.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            _ => return End::Gone,
        }
    }
}

/// Answers what has come whole.
fn answer(link: &Link, decoder: &mut Decoder) -> Result<(), End> {
    while let Some(incoming) = decoder.next(MESSAGE_BYTES_MAX)? {
        match incoming {
            Incoming::Text(text) => say(link, Data::Text, text.as_bytes()),
            Incoming::Binary(bytes) => say(link, Data::Binary, &bytes),
            Incoming::Ping(payload) => link.pong(&payload),
            Incoming::Pong => {}
            Incoming::Close(code) => return Err(End::Closed(code)),
        }
    }
    Ok(())
}

fn say(link: &Link, kind: Data, payload: &[u8]) {
    let mut frame = Vec::new();
    data_into(&mut frame, kind, |out| out.extend_from_slice(payload));
    link.push_encoded(&frame.into());
}
