//! The example program, run as a user runs it.

use crate::support::{Server, soon, texts};
use hubbub_client::Start;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Where cargo has put the example, which it builds with the tests.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(|deps| deps.parent()).unwrap();
    let program = profile.join("examples").join(name);
    assert!(
        program.is_file(),
        "cargo builds it with all tests of the package, not with one: `cargo test -p hubbub-client`"
    );
    program
}

async fn start(server: &Server) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut bot = Command::new(example("echo_bot"))
        .args([&server.url(), "general"])
        .arg(server.file(""))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(bot.stdout.take().unwrap()).lines();
    let first = soon(lines.next_line()).await.unwrap();
    assert_eq!(first.as_deref(), Some("following general"));
    (bot, lines)
}

#[tokio::test]
async fn the_bot_answers_once_and_goes_on_where_it_was_killed() {
    let server = Server::start().await;
    let client = server.client("ada");
    let general = "general".parse().unwrap();
    let mut events = soon(client.follow(&general, Start::Now)).await.unwrap();
    let room = client.room(&general);
    let (mut bot, mut lines) = start(&server).await;
    soon(room.send("one")).await.unwrap();
    assert_eq!(texts(&mut events, 2).await, ["one", "ada: one"]);
    let answered = soon(lines.next_line()).await.unwrap().unwrap();
    assert!(answered.starts_with("answered 1 with"), "{answered}");
    // Its own answer comes after it has kept the place of what it answered.
    soon(room.send("two")).await.unwrap();
    assert_eq!(texts(&mut events, 2).await, ["two", "ada: two"]);
    soon(bot.kill()).await.unwrap();
    soon(room.send("three")).await.unwrap();
    let (_bot, _lines) = start(&server).await;
    let mut said = texts(&mut events, 2).await;
    // What was answered when it was killed may be answered again: it had not kept its place yet.
    if said[1] == "ada: two" {
        said.remove(1);
        said.extend(texts(&mut events, 1).await);
    }
    assert_eq!(said, ["three", "ada: three"]);
}
