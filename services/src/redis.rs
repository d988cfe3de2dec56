//! Redis.

use crate::ServiceError;
use crate::guarded::{Guarded, free_port, until_ready};
use crate::programs::find;
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A server that keeps nothing on disk.
pub struct Redis {
    folder: PathBuf,
    port: u16,
    /// The port of the server that it copies.
    primary: Option<u16>,
    server: Mutex<Option<Guarded>>,
}

impl Redis {
    /// The one that all tests of this process share that do not stop it.
    ///
    /// # Errors
    /// It cannot be started. Later calls return the same error.
    pub fn shared() -> Result<&'static Self, Arc<ServiceError>> {
        static SHARED: OnceLock<Result<Redis, Arc<ServiceError>>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Redis::start().map_err(Arc::new));
        shared.as_ref().map_err(Arc::clone)
    }

    /// Starts a server.
    ///
    /// # Errors
    /// Redis is not installed, or does not start.
    pub fn start() -> Result<Self, ServiceError> {
        Self::start_as(None)
    }

    /// Starts a server that copies this one.
    ///
    /// # Errors
    /// It does not start.
    pub fn start_replica(&self) -> Result<Self, ServiceError> {
        Self::start_as(Some(self.port))
    }

    fn start_as(primary: Option<u16>) -> Result<Self, ServiceError> {
        let folder = tempfile::Builder::new()
            .prefix("hubbub-redis-")
            .tempdir()?
            .keep();
        let redis = Self {
            folder,
            port: free_port()?,
            primary,
            server: Mutex::default(),
        };
        redis.restart()?;
        Ok(redis)
    }

    /// Starts the server again after [`stop`](Self::stop), at the same address and empty.
    ///
    /// # Errors
    /// It does not start.
    pub fn restart(&self) -> Result<(), ServiceError> {
        let program = find("redis-server", "redis-server", [])?;
        let port = self.port.to_string();
        let mut command = vec![program.as_os_str()];
        command.extend(["--bind", "127.0.0.1", "--port", &port].map(OsStr::new));
        command.extend(["--save", "", "--appendonly", "no", "--dir"].map(OsStr::new));
        command.push(self.folder.as_os_str());
        let primary = self.primary.map(|port| format!("127.0.0.1 {port}"));
        if let Some(primary) = &primary {
            command.extend(["--replicaof", primary].map(OsStr::new));
        }
        *self.lock() = Some(Guarded::start(&command, "TERM", &self.folder)?);
        match until_ready(|| self.answers()) {
            true => Ok(()),
            false => Err(ServiceError::Silent("Redis")),
        }
    }

    /// Ends the server; every connection ends with it.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn stop(&self) -> Result<(), ServiceError> {
        let server = self.lock().take();
        Ok(server.map_or(Ok(()), |server| server.stop("KILL"))?)
    }

    /// A section of what it says of itself, as `name:value` lines.
    ///
    /// # Errors
    /// It cannot be reached.
    pub fn info(&self, section: &str) -> Result<String, ServiceError> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.write_all(format!("INFO {section}\r\nQUIT\r\n").as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn answers(&self) -> bool {
        let asked = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).and_then(|mut stream| {
            stream.write_all(b"PING\r\n")?;
            let mut answer = [0; 5];
            stream.read_exact(&mut answer)?;
            Ok(answer)
        });
        asked.is_ok_and(|answer| answer == *b"+PONG")
    }

    fn lock(&self) -> MutexGuard<'_, Option<Guarded>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
