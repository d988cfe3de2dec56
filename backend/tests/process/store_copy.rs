//! `hubbub store copy`, with the real program before and after it.

use crate::program::{Program, run, run_well};
use services::Postgres;
use tempfile::TempDir;

#[tokio::test]
async fn a_store_is_moved_to_postgresql_and_back_between_two_lives_of_the_program() {
    let (folder, back) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let postgres = Postgres::shared().unwrap();
    let url = postgres.create_database().unwrap();
    let program = Program::start(folder.path()).await;
    for number in 0..3 {
        program.say("general", &format!("message {number}")).await;
    }
    let from = format!("sqlite:{}", folder.path().display());
    let copy = [
        "store",
        "copy",
        "--from",
        from.as_str(),
        "--to",
        url.as_str(),
    ];
    let refused = run(&copy).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("another server"),
        "{said}"
    );
    assert!(program.terminate().await.success());
    let said = run_well(&copy).await;
    assert!(said.contains("3 events in 1 rooms"), "{said}");
    let again = run(&copy).await;
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(
        !again.status.success() && said.contains("not empty"),
        "{said}"
    );
    let to = format!("sqlite:{}", back.path().display());
    run_well(&["store", "copy", "--from", &url, "--to", &to]).await;
    let program = Program::start(back.path()).await;
    let expected = ["message 0", "message 1", "message 2"];
    assert_eq!(program.contents("general").await, expected);
    assert_eq!(program.say("general", "and on").await.status, 201);
}

#[tokio::test]
async fn what_names_no_store_is_told_in_words() {
    let folder = TempDir::new().unwrap();
    let empty = format!("sqlite:{}", folder.path().display());
    for (from, to, words) in [
        ("data", "postgres://h/d", "names no store"),
        (empty.as_str(), "mysql://h/d", "names no store"),
        (empty.as_str(), empty.as_str(), "to itself"),
        (empty.as_str(), "postgres://127.0.0.1:1/d", "no database in"),
        ("postgres://127.0.0.1:1/d", empty.as_str(), "127.0.0.1:1/d"),
    ] {
        let output = run(&["store", "copy", "--from", from, "--to", to]).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{from} {to}");
        assert!(said.contains(words), "{from} {to} said {said:?}");
        assert!(!said.contains("panicked"), "{said}");
    }
    let missing = run(&["store", "copy", "--from", &empty]).await;
    assert!(String::from_utf8_lossy(&missing.stderr).contains("--to"));
}
