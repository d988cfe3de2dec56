//! nginx, with the configuration that is meant for operation.

use crate::ServiceError;
use crate::guarded::{Guarded, free_port, until_ready};
use crate::programs::find;
use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;

/// `deploy/cluster/nginx.conf`.
const CONFIG: &str = include_str!("../../deploy/cluster/nginx.conf");

/// A proxy in front of nodes. Dropping it ends it.
pub struct Nginx {
    address: SocketAddr,
    _server: Guarded,
}

impl Nginx {
    /// Starts it in front of these nodes.
    ///
    /// # Errors
    /// nginx is not installed, or does not start.
    pub fn start(nodes: &[SocketAddr]) -> Result<Self, ServiceError> {
        let folder = tempfile::Builder::new()
            .prefix("hubbub-nginx-")
            .tempdir()?
            .keep();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let file = folder.join("nginx.conf");
        fs::write(&file, config(CONFIG, address, nodes))?;
        let program = find("nginx", "nginx-light", [PathBuf::from("/usr/sbin")])?;
        let error_log = folder.join("error.log");
        let pid = format!("pid {}/nginx.pid; daemon off;", folder.display());
        let command = [
            program.as_os_str(),
            OsStr::new("-p"),
            folder.as_os_str(),
            OsStr::new("-e"),
            error_log.as_os_str(),
            OsStr::new("-c"),
            file.as_os_str(),
            OsStr::new("-g"),
            OsStr::new(&pid),
        ];
        let server = Guarded::start(&command, "TERM", &folder)?;
        match until_ready(|| TcpStream::connect(address).is_ok()) {
            true => Ok(Self {
                address,
                _server: server,
            }),
            false => Err(ServiceError::Silent("nginx")),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The configuration with other addresses, and with the log where it was told to be.
fn config(text: &str, address: SocketAddr, nodes: &[SocketAddr]) -> String {
    let mut lines = Vec::new();
    let mut is_named = false;
    for line in text.lines() {
        let words = line.trim_start();
        if words.starts_with("server node") {
            if !std::mem::replace(&mut is_named, true) {
                let options = words
                    .split_once(' ')
                    .and_then(|(_, rest)| rest.split_once(' '));
                let options = options.map_or(";", |(_, options)| options);
                lines.extend(nodes.iter().map(|node| format!("server {node} {options}")));
            }
        } else if words.starts_with("listen ") {
            lines.push(format!("listen {address};"));
        } else {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_for_operation_is_used_with_other_addresses() {
        let nodes = ["127.0.0.1:1", "127.0.0.1:2"].map(|node| node.parse().unwrap());
        let text = config(CONFIG, "127.0.0.1:3".parse().unwrap(), &nodes);
        for line in [
            "server 127.0.0.1:1 max_fails=1 fail_timeout=2s;",
            "server 127.0.0.1:2 max_fails=1 fail_timeout=2s;",
            "listen 127.0.0.1:3;",
            "            proxy_pass http://hubbub;",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}: {text}");
        }
        assert!(!text.contains("node1"));
    }
}
