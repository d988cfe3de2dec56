//! Repeats in a room what others say there, and goes on where it stopped: nothing is answered
//! twice, and nothing that was said while it was away is passed over.
//!
//! `cargo run --package hubbub-client --example echo_bot -- <server> <room> [<folder>]`

use hubbub_client::{Client, Event, Options, Position, Start};
use std::path::PathBuf;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let server = arguments.next().unwrap_or("ws://127.0.0.1:8080".into());
    let room = arguments.next().unwrap_or("general".into()).parse()?;
    let folder = PathBuf::from(arguments.next().unwrap_or(".".into()));
    let position_file = folder.join("echo.position");
    let options = Options::new(&server)?.name("echo")?;
    let client = Client::start(options.outbox(folder.join("echo.outbox")))?;
    let start = match std::fs::read(&position_file) {
        Ok(text) => Start::After(serde_json::from_slice::<Position>(&text)?),
        Err(_) => Start::Now,
    };
    let room = client.room(&room);
    let mut events = client.follow(room.name(), start).await?;
    println!("following {}", room.name());
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            _ = tokio::signal::ctrl_c() => None,
        };
        let Some(event) = event else { break };
        if let Event::Message { message, .. } = &event
            && message.from.as_str() != "echo"
            && let Some(text) = &message.content
        {
            let stored = room.send(&format!("{}: {text}", message.from)).await?;
            println!("answered {} with {:?}", message.seq, stored.seq);
        }
        if let Some(position) = event.position() {
            // Whole or not at all, also if it is killed now.
            let beside = position_file.with_extension("new");
            std::fs::write(&beside, serde_json::to_vec(position)?)?;
            std::fs::rename(&beside, &position_file)?;
        }
    }
    drop((room, events));
    client.shutdown(Duration::from_secs(5)).await?;
    Ok(())
}
