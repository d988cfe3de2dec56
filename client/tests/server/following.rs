//! Every event of a room, once and in order.

use crate::support::{Server, numbered, soon, texts};
use common::text::RoomName;
use hubbub_client::{Client, Event, FollowError, Position, Start};
use std::time::Duration;

fn general() -> RoomName {
    "general".parse().unwrap()
}

async fn fill(client: &Client, numbers: std::ops::RangeInclusive<usize>) {
    let room = client.room(&general());
    let sendings: Vec<_> = numbered(numbers)
        .iter()
        .map(|text| room.send(text))
        .collect();
    for sending in sendings {
        soon(sending).await.unwrap();
    }
}

#[tokio::test]
async fn each_start_begins_where_it_says() {
    let server = Server::start().await;
    let client = server.client("ada");
    fill(&client, 1..=10).await;
    let mut events = soon(client.follow(&general(), Start::Beginning))
        .await
        .unwrap();
    assert_eq!(texts(&mut events, 3).await, numbered(1..=3));
    let position = match soon(events.next()).await.unwrap() {
        Event::Message { position, .. } => position,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        soon(client.follow(&general(), Start::Now)).await,
        Err(FollowError::Followed)
    ));
    drop(events);
    // As a program stores it.
    let position: Position =
        serde_json::from_str(&serde_json::to_string(&position).unwrap()).unwrap();
    for (start, expected) in [
        (Start::After(position), 5..=10),
        (Start::Newest(2), 9..=10),
        (Start::Beginning, 1..=10),
    ] {
        let mut events = soon(client.follow(&general(), start)).await.unwrap();
        let expected = numbered(expected);
        assert_eq!(texts(&mut events, expected.len()).await, expected);
    }
    let mut events = soon(client.follow(&general(), Start::Now)).await.unwrap();
    fill(&client, 11..=11).await;
    assert_eq!(texts(&mut events, 1).await, numbered(11..=11));
}

#[tokio::test]
async fn a_restart_of_the_server_loses_and_repeats_nothing() {
    let mut server = Server::start().await;
    let (writer, reader) = (server.client("ada"), server.client("bob"));
    let mut events = soon(reader.follow(&general(), Start::Now)).await.unwrap();
    for round in 0..3 {
        fill(&writer, round * 10 + 1..=round * 10 + 5).await;
        server.stop().await;
        let room = writer.room(&general());
        let numbers = round * 10 + 6..=round * 10 + 10;
        let sendings: Vec<_> = numbered(numbers)
            .iter()
            .map(|text| room.send(text))
            .collect();
        server.rise().await;
        for sending in sendings {
            soon(sending).await.unwrap();
        }
    }
    assert_eq!(texts(&mut events, 30).await, numbered(1..=30));
}

#[tokio::test]
async fn a_slow_program_has_a_bounded_queue_and_misses_nothing() {
    let server = Server::start().await;
    let writer = server.client("ada");
    let reader = Client::start(server.options("bob").events_max(4)).unwrap();
    let mut events = soon(reader.follow(&general(), Start::Now)).await.unwrap();
    fill(&writer, 1..=100).await;
    assert_eq!(texts(&mut events, 30).await, numbered(1..=30));
    fill(&writer, 101..=120).await;
    assert_eq!(texts(&mut events, 90).await, numbered(31..=120));
    // A program that answers every event before it takes the next does not stop itself.
    let room = reader.room(&general());
    fill(&writer, 121..=140).await;
    for expected in numbered(121..=140) {
        let mut said = texts(&mut events, 1).await;
        while said[0].starts_with("echo") {
            said = texts(&mut events, 1).await;
        }
        assert_eq!(said, [expected]);
        soon(room.send(&format!("echo of {}", said[0])))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_log_that_is_no_more_is_a_reset() {
    let server = Server::start().await;
    let client = server.client("ada");
    fill(&client, 1..=3).await;
    let position = Position {
        epoch: "another".parse().unwrap(),
        seq: common::ids::Seq(2),
    };
    let start = Start::After(position);
    let mut events = soon(client.follow(&general(), start)).await.unwrap();
    let said = texts(&mut events, 1).await;
    assert!(said[0].starts_with("reset "), "{said:?}");
}

#[tokio::test]
async fn presence_settings_and_removal_are_told() {
    let server = Server::start().await;
    let (ada, bob) = (server.client("ada"), server.client("bob"));
    let mut events = soon(ada.follow(&general(), Start::Now)).await.unwrap();
    let _bobs = soon(bob.follow(&general(), Start::Now)).await.unwrap();
    let both = async {
        loop {
            if let Some(Event::Presence(online)) = events.next().await
                && online.count() == 2
            {
                return;
            }
        }
    };
    soon(both).await;
    let hidden = RoomName::hidden(7);
    let refused = soon(ada.follow(&hidden, Start::Now)).await;
    assert!(
        matches!(refused, Err(FollowError::Refused(_))),
        "{refused:?}"
    );
    // A refused room is let go of: it can be tried again.
    let refused = soon(ada.follow(&hidden, Start::Now)).await;
    assert!(
        matches!(refused, Err(FollowError::Refused(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn announcements_are_followed_and_events_end_with_the_client() {
    let server = Server::start().await;
    let earlier = server.client("bob").room(&RoomName::broadcast());
    soon(earlier.send("too early")).await.unwrap();
    let client = server.client("ada");
    // Before it is connected, and when it has been for long.
    let mut events = soon(client.follow_announcements()).await.unwrap();
    let mut room = soon(client.follow(&general(), Start::Now)).await.unwrap();
    let everyone = client.room(&RoomName::broadcast());
    soon(everyone.send("to everyone")).await.unwrap();
    assert_eq!(texts(&mut events, 1).await, ["to everyone"]);
    drop(events);
    let again = client.follow(everyone.name(), Start::Beginning);
    let mut events = soon(again).await.unwrap();
    soon(everyone.send("once more")).await.unwrap();
    assert_eq!(texts(&mut events, 1).await, ["once more"]);
    soon(client.clone().shutdown(Duration::from_secs(5)))
        .await
        .unwrap();
    assert_eq!(soon(events.next()).await, None);
    while let Some(event) = soon(room.next()).await {
        assert!(event.position().is_none(), "{event:?}");
    }
}
