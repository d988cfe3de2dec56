//! A network between browsers and the server that can be cut: it passes HTTP on as it is, and
//! WebSockets as long as it is told to. So a page can be loaded while nobody can connect.

use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A request's head is not longer than this.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// What becomes of WebSockets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Open,
    /// What the server says is kept from the browser, which is heard all the same.
    Deaf,
    /// The open ones are cut, and no new one is let through.
    Cut,
}

/// The network; it ends when it is dropped.
pub struct CuttableProxy {
    port: u16,
    mode: Arc<watch::Sender<Mode>>,
    accepting: JoinHandle<()>,
}

impl CuttableProxy {
    /// An open network before the server at this address (`127.0.0.1:4000`).
    pub async fn before(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let mode = Arc::new(watch::Sender::new(Mode::Open));
        let modes = Arc::clone(&mode);
        let accepting = tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                tokio::spawn(pass(browser, server.clone(), modes.subscribe()));
            }
        });
        Self {
            port,
            mode,
            accepting,
        }
    }

    /// An address behind this network: `gate.url("/r/general")`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Lets everything through.
    pub fn open(&self) {
        self.mode.send_replace(Mode::Open);
    }

    /// Keeps what the server says on its WebSockets from the browser.
    pub fn deafen(&self) {
        self.mode.send_replace(Mode::Deaf);
    }

    /// Cuts all WebSockets, and lets no new one through.
    pub fn cut(&self) {
        self.mode.send_replace(Mode::Cut);
    }
}

impl Drop for CuttableProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One connection. A browser opens a fresh one for each WebSocket, so its first request tells.
/// Whatever fails here is the end of a connection, which is what tests are about.
async fn pass(mut browser: TcpStream, server: String, mode: watch::Receiver<Mode>) -> Option<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < HEAD_BYTES_MAX {
        if browser.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let is_socket = head.starts_with(b"GET /ws ") || head.starts_with(b"GET /ws?");
    if is_socket && *mode.borrow() == Mode::Cut {
        return None;
    }
    let mut server = TcpStream::connect(server).await.ok()?;
    server.write_all(&head).await.ok()?;
    if is_socket {
        pass_socket(browser, server, mode).await
    } else {
        copy_bidirectional(&mut browser, &mut server).await.ok()?;
        Some(())
    }
}

async fn pass_socket(
    mut browser: TcpStream,
    mut server: TcpStream,
    mut mode: watch::Receiver<Mode>,
) -> Option<()> {
    let (mut said, mut answered) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        let now = *mode.borrow_and_update();
        tokio::select! {
            changed = mode.changed() => changed.ok()?,
            read = browser.read(&mut said), if now != Mode::Cut => {
                let length = read.ok().filter(|&length| length > 0)?;
                server.write_all(said.get(..length)?).await.ok()?;
            }
            read = server.read(&mut answered), if now == Mode::Open => {
                let length = read.ok().filter(|&length| length > 0)?;
                browser.write_all(answered.get(..length)?).await.ok()?;
            }
        }
        if *mode.borrow() == Mode::Cut {
            return None;
        }
    }
}
