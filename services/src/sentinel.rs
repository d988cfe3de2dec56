//! A Redis Sentinel that watches one server and its replicas.

use crate::guarded::{Guarded, free_port, until_ready};
use crate::programs::find;
use crate::{Redis, ServiceError};
use std::ffi::OsStr;
use std::net::{Ipv4Addr, TcpStream};

/// The name under which it knows the server.
const NAME: &str = "main";

/// See the module. Dropping it ends it.
pub struct Sentinel {
    port: u16,
    _server: Guarded,
}

impl Sentinel {
    /// Watches this server, and promotes a replica about a second after it is gone.
    ///
    /// # Errors
    /// Redis is not installed, or does not start.
    pub fn start(primary: &Redis) -> Result<Self, ServiceError> {
        let folder = tempfile::Builder::new()
            .prefix("hubbub-sentinel-")
            .tempdir()?
            .keep();
        let port = free_port()?;
        let file = folder.join("sentinel.conf");
        let config = format!(
            "bind 127.0.0.1\nport {port}\nprotected-mode no\n\
             sentinel monitor {NAME} 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds {NAME} 1000\n\
             sentinel failover-timeout {NAME} 3000\n",
            primary.port()
        );
        std::fs::write(&file, config)?;
        let program = find("redis-server", "redis-server", [])?;
        let command = [
            program.as_os_str(),
            file.as_os_str(),
            OsStr::new("--sentinel"),
        ];
        let server = Guarded::start(&command, "TERM", &folder)?;
        let answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        match until_ready(answers) {
            true => Ok(Self {
                port,
                _server: server,
            }),
            false => Err(ServiceError::Silent("Redis Sentinel")),
        }
    }

    /// The address of the server that it watches, whichever that is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis+sentinel://127.0.0.1:{}/{NAME}", self.port)
    }
}
