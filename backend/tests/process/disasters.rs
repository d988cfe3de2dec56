//! What is left when something is taken away: an ack that was given is true, and what can still be
//! done is done.

use crate::program::{Program, run};
use rusqlite::Connection;
use serde_json::json;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

fn database(folder: &Path) -> std::path::PathBuf {
    folder.join("hubbub.sqlite")
}

#[tokio::test]
async fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let folder = TempDir::new().unwrap();
    let mut said = Vec::new();
    for life in 0..3 {
        let program = Program::start(folder.path()).await;
        assert_eq!(program.contents("general").await, said);
        for n in 0..20 {
            let text = format!("{life}/{n}");
            assert_eq!(program.say("general", &text).await.status, 201);
            said.push(text);
        }
        program.kill().await;
    }
    let program = Program::start(folder.path()).await;
    assert_eq!(program.contents("general").await, said);
}

#[tokio::test]
async fn a_full_disk_refuses_senders_and_readers_go_on() {
    let folder = TempDir::new().unwrap();
    // Files may grow to 1000 blocks of 512 bytes; beyond, writes fail as on a full disk.
    let log = folder.path().join("log");
    let limited = format!(
        "trap '' XFSZ; ulimit -f 1000; HUBBUB_LOG=info exec \"$@\" 2>'{}'",
        log.display()
    );
    let program = Program::start_under(&limited, folder.path()).await;
    let mut acked = Vec::new();
    let refused = loop {
        let text = format!("{} {}", acked.len(), "x".repeat(10_000));
        let answer = program.say("general", &text).await;
        if answer.status != 201 {
            break answer;
        }
        acked.push(text);
        assert!(acked.len() < 1000, "the disk never got full");
    };
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["code"], "store_unavailable");
    assert_eq!(refused.json()["retryable"], json!(true));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(!acked.is_empty());
    for _ in 0..20 {
        assert_eq!(program.say("general", "again").await.status, 503);
    }
    assert_eq!(program.get("/ready").await.status, 503);
    let lines = std::fs::read_to_string(&log).unwrap();
    let errors: Vec<_> = lines.lines().filter(|l| l.contains("ERROR")).collect();
    assert!(errors.len() <= 1, "one line a minute: {errors:#?}");
    assert_eq!(
        program.contents("general").await,
        acked,
        "reading still works"
    );
    assert_eq!(program.get("/health").await.status, 200);
    program.kill().await;
    let program = Program::start(folder.path()).await;
    assert_eq!(program.contents("general").await, acked);
    assert_eq!(
        program.say("general", "there is room again").await.status,
        201
    );
}

#[tokio::test]
async fn a_locked_file_refuses_senders_until_it_is_free() {
    let folder = TempDir::new().unwrap();
    let program = Program::start(folder.path()).await;
    assert_eq!(program.say("general", "before").await.status, 201);
    let other = Connection::open(database(folder.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = program.say("general", "meanwhile").await;
    assert_eq!(
        (refused.status, &refused.json()["retryable"]),
        (503, &json!(true))
    );
    assert_eq!(
        program.contents("general").await,
        ["before"],
        "reading still works"
    );
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(
        program.say("general", "after").await.json()["seq"],
        json!(2)
    );
    assert_eq!(program.contents("general").await, ["before", "after"]);
}

#[tokio::test]
async fn a_damaged_file_is_told_and_does_not_end_the_server() {
    let folder = TempDir::new().unwrap();
    let program = Program::start(folder.path()).await;
    for n in 0..50 {
        assert_eq!(
            program
                .say("general", &format!("{n} {}", "x".repeat(4000)))
                .await
                .status,
            201
        );
    }
    assert!(program.terminate().await.success());
    // Out of the write-ahead log and into the file itself.
    let other = Connection::open(database(folder.path())).unwrap();
    other
        .pragma_update(None, "wal_checkpoint", "TRUNCATE")
        .unwrap();
    let roots = "SELECT max(rootpage) FROM sqlite_schema";
    let roots: u64 = other.query_row(roots, [], |row| row.get(0)).unwrap();
    drop(other);
    // The first pages hold the layout and the tables' roots; all that lies behind them is damaged.
    let path = database(folder.path());
    let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    let kept = roots * 4096;
    let damaged = usize::try_from(file.metadata().unwrap().len() - kept).unwrap();
    file.seek(SeekFrom::Start(kept)).unwrap();
    file.write_all(&vec![0x5a; damaged]).unwrap();
    drop(file);
    let program = Program::start(folder.path()).await;
    let page = program
        .get("/api/v1/rooms/general/messages?after=0&limit=200")
        .await;
    assert_eq!(
        (page.status, &page.json()["code"]),
        (503, &json!("store_unavailable"))
    );
    assert_eq!(page.json()["retryable"], json!(false));
    assert_eq!(page.header("retry-after"), None);
    let ready = program.get("/ready").await;
    assert_eq!(
        (ready.status, &ready.json()["retryable"]),
        (503, &json!(false))
    );
    assert_eq!(program.get("/health").await.status, 200);
}

#[tokio::test]
async fn a_database_that_was_removed_acknowledges_nothing() {
    for gone in ["hubbub.sqlite", "hubbub.sqlite-wal"] {
        let folder = TempDir::new().unwrap();
        let program = Program::start(folder.path()).await;
        assert_eq!(program.say("general", "before").await.status, 201);
        assert_eq!(program.get("/ready").await.status, 200);
        std::fs::remove_file(folder.path().join(gone)).unwrap();
        let refused = program.say("general", "lost").await;
        let code = &refused.json()["code"];
        assert_eq!(
            (refused.status, code),
            (503, &json!("store_unavailable")),
            "{gone}"
        );
        assert_eq!(program.get("/ready").await.status, 503, "{gone}");
        // Another one in its place is no database of this server's.
        std::fs::write(folder.path().join(gone), "").unwrap();
        assert_eq!(program.say("general", "lost").await.status, 503, "{gone}");
    }
}

#[tokio::test]
async fn a_database_that_comes_back_is_used_again() {
    let folder = TempDir::new().unwrap();
    let program = Program::start(folder.path()).await;
    assert_eq!(program.say("general", "before").await.status, 201);
    let aside = folder.path().join("aside");
    std::fs::rename(database(folder.path()), &aside).unwrap();
    // Nobody has to send anything for that to be noticed.
    program.wait_for_ready(503).await;
    assert_eq!(program.say("general", "meanwhile").await.status, 503);
    std::fs::rename(&aside, database(folder.path())).unwrap();
    program.wait_for_ready(200).await;
    assert_eq!(program.say("general", "after").await.status, 201);
    assert_eq!(program.contents("general").await, ["before", "after"]);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_at_the_start_and_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let text = "my shopping list, and by no means a database. ".repeat(20);
    std::fs::write(database(folder.path()), &text).unwrap();
    let path = folder.path().to_str().unwrap();
    let output = run(&["serve", "--port", "0", "--data-dir", path]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains("hubbub.sqlite"),
        "{said}"
    );
    assert_eq!(
        std::fs::read_to_string(database(folder.path())).unwrap(),
        text
    );
}

#[tokio::test]
async fn a_restored_backup_has_another_epoch_each_time() {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy.sqlite");
    let live = folder.path().join("live");
    let program = Program::start(&live).await;
    assert_eq!(program.say("general", "kept").await.status, 201);
    let (from, to) = (live.to_str().unwrap(), copy.to_str().unwrap());
    let backup = run(&["backup", "--data-dir", from, to]).await;
    assert!(backup.status.success(), "{backup:?}");
    assert!(
        !run(&["backup", "--data-dir", from, to])
            .await
            .status
            .success(),
        "it would overwrite"
    );
    assert_eq!(program.say("general", "lost").await.status, 201);
    let first = program.get("/api/v1/rooms/general/messages").await.json()["epoch"].clone();
    assert!(program.terminate().await.success());
    let mut epochs = vec![first];
    for _ in 0..2 {
        let restored = TempDir::new().unwrap();
        std::fs::copy(&copy, database(restored.path())).unwrap();
        for _ in 0..2 {
            let program = Program::start(restored.path()).await;
            assert_eq!(program.contents("general").await, ["kept"]);
            let page = program.get("/api/v1/rooms/general/messages").await.json();
            epochs.push(page["epoch"].clone());
            program.kill().await;
        }
    }
    assert_eq!(epochs[1], epochs[2], "a restart is no restoring");
    assert_eq!(epochs[3], epochs[4]);
    let distinct: std::collections::HashSet<_> = epochs.iter().map(ToString::to_string).collect();
    assert_eq!(distinct.len(), 3);
}

#[tokio::test]
async fn it_goes_away_politely() {
    for signal in ["-TERM", "-INT", "-HUP"] {
        let folder = TempDir::new().unwrap();
        let program = Program::start(folder.path()).await;
        assert_eq!(program.get("/ready").await.status, 200);
        let status = program.signal(signal).await;
        assert!(status.success(), "{signal}: {status:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_log_that_cannot_be_written_harms_nobody() {
    let folder = TempDir::new().unwrap();
    let shell = "HUBBUB_LOG=debug exec \"$@\" 2>/dev/full";
    let program = Program::start_under(shell, folder.path()).await;
    for n in 0..20 {
        assert_eq!(program.say("general", &n.to_string()).await.status, 201);
    }
    assert!(program.terminate().await.success());
}

#[cfg(unix)]
#[tokio::test]
async fn where_few_files_may_be_open_further_connections_are_answered_at_once() {
    let folder = TempDir::new().unwrap();
    let program = Program::start_under("ulimit -n 200; exec \"$@\"", folder.path()).await;
    let mut open = Vec::new();
    let refused = loop {
        let mut stream = TcpStream::connect(program.address).await.unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\n").await.unwrap();
        let mut answer = String::new();
        let reading = stream.read_to_string(&mut answer);
        match timeout(Duration::from_millis(20), reading).await {
            Err(_) => open.push(stream),
            Ok(_) => break answer,
        }
        assert!(open.len() < 200, "all files are taken");
    };
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    drop(open);
    while program.get("/health").await.status != 200 {}
    assert_eq!(program.say("general", "still here").await.status, 201);
}

#[tokio::test]
async fn below_the_floor_of_free_space_senders_are_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("hubbub.toml");
    std::fs::write(&file, "[store]\nfree_bytes_min = 4611686018427387904\n").unwrap();
    let shell = format!("exec \"$@\" --config {}", file.display());
    let program = Program::start_under(&shell, folder.path()).await;
    let refused = program.say("general", "no room").await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["code"], "store_unavailable");
    assert_eq!(refused.json()["retryable"], json!(true));
    while program.get("/ready").await.status != 503 {}
    assert_eq!(program.get("/health").await.status, 200);
}
