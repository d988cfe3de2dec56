//! Who reads slowly, or not at all, costs nobody else anything and silently misses nothing.

use crate::support::Server;
use crate::support::client::Client;
use common::CloseCode;
use serde_json::json;
use std::time::Duration;

/// Enough of them do not fit into a room's tail and a socket's buffers.
const MESSAGES: usize = 1500;

fn content(n: usize) -> String {
    format!("{n} {}", "x".repeat(8 * 1024))
}

/// Writes them all, as fast as they come back.
async fn write_all(writer: &mut Client, room: &str) {
    for from in (0..MESSAGES).step_by(50) {
        for n in from..from + 50 {
            writer.say(room, &content(n)).await;
        }
        writer.hear(50).await;
    }
}

/// The numbers of messages, without what makes them long.
fn numbers(heard: &[String]) -> Vec<usize> {
    let number = |content: &String| content.split(' ').next().unwrap().parse().unwrap();
    heard.iter().map(number).collect()
}

#[tokio::test]
async fn who_stops_reading_misses_nothing_and_keeps_nobody_waiting() {
    let server = Server::with(|config| config.limits.messages_per_second = 0).await;
    // A log on disk, and one in memory that keeps far less than this.
    for room in ["general", "live:ticks"] {
        let mut slow = server.connect("Slow").await;
        let mut witness = server.connect("Witness").await;
        let mut writer = server.connect("Writer").await;
        for member in [&mut slow, &mut witness, &mut writer] {
            member.join(room).await;
        }
        let reading = tokio::spawn(async move { witness.hear(MESSAGES).await });
        write_all(&mut writer, room).await;
        let all: Vec<_> = (0..MESSAGES).collect();
        // Both have everything, and the slow one has not read a byte yet.
        assert_eq!(numbers(&reading.await.unwrap()), all, "{room}");
        assert_eq!(numbers(&slow.hear(MESSAGES).await), all, "{room}");
        // And is where the others are.
        writer.say(room, "0 now").await;
        assert_eq!(slow.hear(1).await, ["0 now"], "{room}");
    }
}

#[tokio::test]
async fn what_is_taken_back_is_not_sent_to_who_has_not_read_it_yet() {
    let server = Server::with(|config| config.limits.messages_per_second = 0).await;
    for room in ["general", "live:ticks"] {
        let mut slow = server.connect("Slow").await;
        let mut writer = server.connect("Writer").await;
        for member in [&mut slow, &mut writer] {
            member.join(room).await;
        }
        write_all(&mut writer, room).await;
        // It has left the tail, and the log in memory knows it still.
        let target = MESSAGES - 60;
        let delete = json!({"type": "delete", "room": room, "target": target + 1, "id": "d"});
        writer.send(delete).await;
        assert_eq!(writer.next_of("ack").await["id"], "d", "{room}");
        for n in 0..MESSAGES {
            let message = slow.next_of("message").await;
            let said = message["content"].as_str();
            let number = said.and_then(|said| said.split(' ').next());
            if n == target {
                assert_eq!(number, None, "{room}");
                assert_eq!(message["deleted"], true, "{room}");
            } else {
                assert_eq!(number, Some(n.to_string().as_str()), "{room}");
            }
        }
        let deleted = slow.next_of("deleted").await;
        assert_eq!(deleted["target"], target + 1, "{room}");
    }
}

#[tokio::test]
async fn where_nothing_may_be_kept_on_disk_who_falls_behind_is_told() {
    let server = Server::with(|config| {
        config.limits.messages_per_second = 0;
        config.store.spill_bytes_max = 0;
    })
    .await;
    let mut slow = server.connect("Slow").await;
    let epoch = slow.join("live:ticks").await["epoch"].clone();
    let mut writer = server.connect("Writer").await;
    writer.join("live:ticks").await;
    write_all(&mut writer, "live:ticks").await;
    let (mut since, mut seen) = (0, 0);
    let code = loop {
        match slow.next_raw().await {
            Ok(frame) if frame["type"] == "message" => {
                since = frame["seq"].as_u64().unwrap();
                seen += 1;
            }
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    assert_eq!(code, Some(CloseCode::UnreadEventsLost.code()));
    assert_eq!(since, seen, "what came, came without a gap");
    let mut back = server.connect("Slow").await;
    let join = json!({"type": "join", "room": "live:ticks", "since": since, "epoch": epoch});
    assert_eq!(back.join_with(join).await["complete"], false);
}

#[tokio::test]
async fn who_takes_nothing_for_too_long_is_told_to_come_back_and_goes_on_from_there() {
    let server = Server::with(|config| {
        config.limits.messages_per_second = 0;
        // Long: who reads, reads slowly too on a machine with other things to do.
        config.server.heartbeat = Duration::from_secs(10);
        config.server.stall_max = Duration::from_millis(500);
    })
    .await;
    let mut slow = server.connect("Slow").await;
    let epoch = slow.join("general").await["epoch"].clone();
    let mut witness = server.connect("Witness").await;
    witness.join("general").await;
    let mut writer = server.connect("Writer").await;
    writer.join("general").await;
    let gone = json!([slow.welcome["user"]["id"]]);
    let left = tokio::spawn(async move {
        let is_gone = |presence: &serde_json::Value| presence["left"] == gone;
        witness.presence(is_gone).await
    });
    write_all(&mut writer, "general").await;
    left.await.unwrap();

    let (mut seen, mut since) = (Vec::new(), 0);
    let code = loop {
        match slow.next_raw().await {
            Ok(frame) if frame["type"] == "message" => {
                since = frame["seq"].as_u64().unwrap();
                seen.push(frame["content"].as_str().unwrap().to_owned());
            }
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    // It comes through where the socket takes it in time.
    assert!(
        code.is_none_or(|code| code == CloseCode::SlowReader.code()),
        "{code:?}"
    );
    assert!(seen.len() < MESSAGES);
    let mut back = server.connect("Slow").await;
    let join = json!({"type": "join", "room": "general", "since": since, "epoch": epoch});
    assert_eq!(back.join_with(join).await["complete"], true);
    seen.extend(back.hear(MESSAGES - seen.len()).await);
    assert_eq!(numbers(&seen), (0..MESSAGES).collect::<Vec<_>>());
}
