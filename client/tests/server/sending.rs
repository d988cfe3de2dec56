//! What is sent is stored once, in order, whatever happens to the server and to the program.

use crate::support::{Server, numbered, soon, texts, until};
use common::error::ErrorCode;
use common::text::{Data, RoomName};
use hubbub_client::{
    Client, Event, OutboxError, SendError, Start, StartError, Status, StopReason, Unsent,
};
use std::time::Duration;

fn general() -> RoomName {
    "general".parse().unwrap()
}

#[tokio::test]
async fn a_message_is_stored_and_its_place_is_told() {
    let server = Server::start().await;
    let client = server.client("ada");
    let room = client.room(&general());
    for expected in 1..=3 {
        let stored = soon(room.send("hello")).await.unwrap();
        assert_eq!(stored.seq.unwrap().0, expected);
    }
    let stored = soon(room.send_data(&[1, 2])).await.unwrap();
    let mut events = soon(client.follow(&general(), Start::Newest(1)))
        .await
        .unwrap();
    let (message, position) = loop {
        if let Event::Message { message, position } = soon(events.next()).await.unwrap() {
            break (message, position);
        }
    };
    assert_eq!(Some(position.seq), stored.seq);
    assert_eq!(message.data.as_ref().map(Data::as_str), Some("[1,2]"));
    assert_eq!(client.user().unwrap().name.as_str(), "ada");
    soon(client.shutdown(Duration::from_secs(5))).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_a_message_is_refused_here_and_what_the_server_refuses_is_told() {
    let server = Server::with(|config| config.server.page = false).await;
    let client = server.client("ada");
    let room = client.room(&general());
    assert!(matches!(soon(room.send("")).await, Err(SendError::Text(_))));
    assert_eq!(soon(room.post(None, None)).await, Err(SendError::Empty));
    let deep = (0..200).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
    assert!(matches!(
        soon(room.send_data(&deep)).await,
        Err(SendError::Text(_))
    ));
    // Nobody may write in the built-in room without the right to.
    let everyone = client.room(&RoomName::hidden(7));
    let Err(SendError::Refused(error)) = soon(everyone.send("hello")).await else {
        panic!("a room that does not exist took a message")
    };
    assert_eq!(error.code, ErrorCode::NoSuchRoom);
    assert_eq!(client.unsent(), 0, "it is not kept");
    let seq = soon(room.send("hello")).await.unwrap().seq.unwrap();
    let edit = soon(room.edit(seq, "better")).await;
    assert_eq!(
        edit,
        Err(SendError::NoSuchMessage),
        "the room is not followed"
    );
}

#[tokio::test]
async fn messages_that_are_changed_are_changed_for_everybody() {
    let server = Server::start().await;
    let (ada, bob) = (server.client("ada"), server.client("bob"));
    let mut told = soon(bob.follow(&general(), Start::Now)).await.unwrap();
    let mut own = soon(ada.follow(&general(), Start::Now)).await.unwrap();
    let room = ada.room(&general());
    let seq = soon(room.send("hello")).await.unwrap().seq.unwrap();
    assert_eq!(texts(&mut own, 1).await, ["hello"]);
    soon(room.edit(seq, "better")).await.unwrap();
    let thumb = "👍".parse().unwrap();
    let first = soon(room.react(seq, &thumb, true)).await.unwrap();
    assert!(first.seq.is_some());
    let again = soon(room.react(seq, &thumb, true)).await.unwrap();
    assert_eq!(again.seq, None, "it was there");
    let shown = room.view(move |view| view.message_view(seq).unwrap().message);
    let shown = soon(shown).await.unwrap().unwrap();
    assert_eq!(shown.content.as_ref().unwrap().as_str(), "better");
    assert_eq!(shown.reactions.len(), 1);
    let bobs = bob.room(&general());
    assert_eq!(texts(&mut told, 1).await, ["hello"]);
    let edit = soon(bobs.edit(seq, "mine")).await;
    assert_eq!(edit, Err(SendError::NoSuchMessage), "it is not his");
    soon(room.delete(seq)).await.unwrap();
    let mut kinds = Vec::new();
    while kinds.len() < 3 {
        match soon(told.next()).await.unwrap() {
            Event::Edited { .. } => kinds.push("edited"),
            Event::Reacted { .. } => kinds.push("reacted"),
            Event::Deleted { .. } => kinds.push("deleted"),
            _ => {}
        }
    }
    assert_eq!(kinds, ["edited", "reacted", "deleted"]);
    let react = soon(room.react(seq, &thumb, true)).await;
    assert_eq!(react, Err(SendError::NoSuchMessage), "it is deleted");
}

#[tokio::test]
async fn what_is_sent_while_the_server_is_away_is_sent_when_it_is_back() {
    let mut server = Server::start().await;
    let client = server.client("ada");
    let room = client.room(&general());
    soon(room.send("message 1")).await.unwrap();
    server.stop().await;
    let sendings: Vec<_> = (2..=30)
        .map(|n| room.send(&format!("message {n}")))
        .collect();
    until(&client, |status| matches!(status, Status::Retrying { .. })).await;
    assert_eq!(client.unsent(), 29);
    server.rise().await;
    for (expected, sending) in (2..).zip(sendings) {
        assert_eq!(soon(sending).await.unwrap().seq.unwrap().0, expected);
    }
    let start = Start::Beginning;
    let mut events = soon(client.follow(&general(), start)).await.unwrap();
    assert_eq!(texts(&mut events, 30).await, numbered(1..=30));
}

#[tokio::test]
async fn the_outbox_outlives_the_program() {
    let mut server = Server::start().await;
    let file = server.file("ada.outbox");
    let options = || server.options("ada").outbox(&file);
    let client = Client::start(options()).unwrap();
    let room = client.room(&general());
    soon(room.send("message 1")).await.unwrap();
    assert!(matches!(
        Client::start(options()),
        Err(StartError::Outbox(OutboxError::InUse(_)))
    ));
    let (url, address) = (server.options("ada").outbox(&file), server.address);
    server.stop().await;
    for number in 2..=4 {
        drop(room.send(&format!("message {number}")));
    }
    drop(room);
    // It ends with what it could not send, and says so.
    let left = soon(client.shutdown(Duration::from_millis(100))).await;
    assert_eq!(left, Err(Unsent { count: 3 }));
    server.rise().await;
    assert_eq!(server.address, address);
    let client = Client::start(url).unwrap();
    assert_eq!(client.unsent(), 3);
    let room = client.room(&general());
    let last = soon(room.send("message 5")).await.unwrap();
    assert_eq!(last.seq.unwrap().0, 5, "what was there before goes first");
    let mut events = soon(client.follow(&general(), Start::Beginning))
        .await
        .unwrap();
    assert_eq!(texts(&mut events, 5).await, numbered(1..=5));
    drop((room, events));
    soon(client.shutdown(Duration::from_secs(5))).await.unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"user\""), "{text}");
}

#[tokio::test]
async fn an_outbox_is_not_sent_under_another_name() {
    let mut server = Server::start().await;
    let file = server.file("ada.outbox");
    let client = Client::start(server.options("ada").outbox(&file)).unwrap();
    until(&client, |status| *status == Status::Live).await;
    server.stop().await;
    drop(client.room(&general()).send("from ada"));
    soon(client.shutdown(Duration::ZERO)).await.unwrap_err();
    server.rise().await;
    let client = Client::start(server.options("bob").outbox(&file)).unwrap();
    assert_eq!(soon(client.stopped()).await, StopReason::OtherUser);
    let sent = soon(client.room(&general()).send("from bob")).await;
    assert_eq!(sent, Err(SendError::Stopped(StopReason::OtherUser)));
    drop(client);
    let client = Client::start(server.options("ada").outbox(&file));
    let mut client = client;
    // The one that has ended gives the file free when its connection is closed.
    while let Err(StartError::Outbox(OutboxError::InUse(_))) = &client {
        tokio::task::yield_now().await;
        client = Client::start(server.options("ada").outbox(&file));
    }
    let client = client.unwrap();
    let mut events = soon(client.follow(&general(), Start::Beginning))
        .await
        .unwrap();
    assert_eq!(texts(&mut events, 1).await, ["from ada"]);
}

#[tokio::test]
async fn a_refused_send_that_nobody_waits_for_is_told_to_the_program() {
    let server = Server::start().await;
    let (told, mut refused) = tokio::sync::mpsc::unbounded_channel();
    let options = server.options("ada").on_refused(move |entry| {
        let code = entry.refused.as_ref().map(|error| error.code);
        told.send((entry.room.clone(), code)).unwrap();
    });
    let client = Client::start(options).unwrap();
    let nowhere = RoomName::hidden(7);
    drop(client.room(&nowhere).send("hello"));
    let (room, code) = soon(refused.recv()).await.unwrap();
    assert_eq!((room, code), (nowhere, Some(ErrorCode::NoSuchRoom)));
}

#[tokio::test]
async fn a_queue_of_unsent_messages_is_bounded() {
    let mut server = Server::start().await;
    let options = server.options("ada").config(|config| config.outbox_max = 2);
    let client = Client::start(options).unwrap();
    until(&client, |status| *status == Status::Live).await;
    server.stop().await;
    let room = client.room(&general());
    let sendings: Vec<_> = (1..=2)
        .map(|n| room.send(&format!("message {n}")))
        .collect();
    assert_eq!(
        soon(room.send("one too many")).await,
        Err(SendError::OutboxFull)
    );
    server.rise().await;
    for sending in sendings {
        soon(sending).await.unwrap();
    }
}
