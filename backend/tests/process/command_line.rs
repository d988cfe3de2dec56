//! What a person types, and what comes back.

use crate::program::{Program, run};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

#[tokio::test]
async fn mistakes_are_told_in_words_and_fail() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("hubbub.toml");
    std::fs::write(&file, "[server]\nprot = 1\n").unwrap();
    let file = file.to_str().unwrap();
    let missing = folder.path().join("missing.toml");
    let missing = missing.to_str().unwrap();
    for (arguments, words) in [
        (&["serve", "--port", "http"][..], "--port"),
        (&["serve", "--host", "nowhere"], "--host"),
        (
            &["serve", "--config", file],
            "hubbub.toml, line 2: there is no key `prot`",
        ),
        (&["serve", "--config", missing], "missing.toml"),
        (&["config", "check", file], "prot"),
        (&["serve", "--port", "0", "--data-dir", file], "data folder"),
        (&["fly"], "fly"),
        (&["backup", "--data-dir", missing, "x"], "missing.toml"),
    ] {
        let output = run(arguments).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(said.contains(words), "{arguments:?} said {said:?}");
        assert!(!said.contains("panicked"), "{arguments:?} said {said:?}");
        assert_eq!(
            said.matches(words).count(),
            1,
            "{arguments:?} said {said:?}"
        );
    }
}

#[tokio::test]
async fn help_version_and_a_sound_file_are_no_mistakes() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("hubbub.toml");
    std::fs::write(&file, "[limits]\nrooms_max = 5\n").unwrap();
    for (arguments, words) in [
        (&["--help"][..], "serve"),
        (&["serve", "--help"], "--data-dir"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
        (&["config", "check", file.to_str().unwrap()], "valid"),
    ] {
        let output = run(arguments).await;
        assert!(output.status.success(), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains(words), "{arguments:?} said {said:?}");
    }
}

#[tokio::test]
async fn a_second_server_is_kept_from_the_same_data() {
    let folder = TempDir::new().unwrap();
    let first = Program::start(folder.path()).await;
    let path = folder.path().to_str().unwrap();
    let second = run(&["serve", "--port", "0", "--data-dir", path]).await;
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another server"));
    assert_eq!(first.say("general", "still alone").await.status, 201);
    assert!(first.terminate().await.success());
    let third = Program::start(folder.path()).await;
    assert_eq!(third.contents("general").await, ["still alone"]);
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let folder = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let path = folder.path().to_str().unwrap();
    let output = run(&["serve", "--port", &port, "--data-dir", path]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.matches(&format!("127.0.0.1:{port}")).count() == 1,
        "{said}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn open_files_are_allowed_as_far_as_the_system_lets_them() {
    let folder = TempDir::new().unwrap();
    let shell = "ulimit -Sn 40; ulimit -Hn 300; exec \"$@\"";
    let program = Program::start_under(shell, folder.path()).await;
    // The table has grown at the start, and not while clients wait.
    #[cfg(target_os = "linux")]
    assert!(program.descriptors() >= 300, "{}", program.descriptors());
    let mut open = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(program.address).await.unwrap();
        // Taken when something is said, and before those that come later.
        stream.write_all(b"G").await.unwrap();
        open.push(stream);
    }
    // There is a descriptor left for this one.
    assert_eq!(program.get("/health").await.status, 200);
    drop(open);
    assert!(program.terminate().await.success());
}
