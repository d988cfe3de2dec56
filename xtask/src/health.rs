//! Asking a server whether it answers, with no HTTP library: one request, one status line.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// How long one question may take; the server is on this machine.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(2);

/// Whether `GET path` is answered with 200.
pub(crate) fn answers(address: SocketAddr, path: &str) -> bool {
    status(address, path).is_ok_and(|line| line.split(' ').nth(1) == Some("200"))
}

/// Whether `GET path` is answered at all.
pub(crate) fn responds(address: SocketAddr, path: &str) -> bool {
    status(address, path).is_ok()
}

fn status(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_TIME_MAX)?;
    stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    // The first few bytes hold the status: `HTTP/1.1 200 OK`.
    let mut start = [0_u8; 16];
    stream.read_exact(&mut start)?;
    Ok(String::from_utf8_lossy(&start).into_owned())
}

/// The address to reach a server at that listens on `host`, which may be "every interface".
pub(crate) fn reachable(host: IpAddr, port: u16) -> SocketAddr {
    let host = match host {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    SocketAddr::new(host, port)
}

/// The port itself when it is free (for 0: some free one), or a message that says what to do.
///
/// Asked before a long build, and because a stranger's answer on the same port would pass for ours.
pub(crate) fn free_port(host: IpAddr, port: u16, option: &str) -> anyhow::Result<u16> {
    let listener = TcpListener::bind((host, port)).map_err(|error| {
        anyhow::anyhow!("cannot listen on {host} port {port} ({error}): try another {option}")
    })?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn check(response: &'static str, expected: bool) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0_u8; 512];
            let read = stream.read(&mut request).unwrap();
            stream.write_all(response.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        assert_eq!(answers(address, "/health"), expected, "{response}");
        assert!(
            server
                .join()
                .unwrap()
                .starts_with("GET /health HTTP/1.1\r\n")
        );
    }

    #[test]
    fn only_200_is_healthy() {
        check("HTTP/1.1 200 OK\r\n\r\n{}", true);
        check("HTTP/1.1 503 Service Unavailable\r\n\r\n", false);
        check("garbage", false);
    }

    #[test]
    fn a_taken_port_is_refused_with_the_option_to_change() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = free_port(Ipv4Addr::LOCALHOST.into(), port, "--port").unwrap_err();
        assert!(error.to_string().contains("--port"), "{error}");
        assert_ne!(
            free_port(Ipv4Addr::LOCALHOST.into(), 0, "--port").unwrap(),
            0
        );
    }

    #[test]
    fn a_server_on_every_interface_is_asked_on_loopback() {
        let any: IpAddr = "0.0.0.0".parse().unwrap();
        assert_eq!(reachable(any, 80).to_string(), "127.0.0.1:80");
        let named: IpAddr = "192.0.2.7".parse().unwrap();
        assert_eq!(reachable(named, 80).to_string(), "192.0.2.7:80");
    }
}
