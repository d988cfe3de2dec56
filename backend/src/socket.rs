//! Sockets, with few system calls: the listener, and reading from its connections.

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::io::{self, ErrorKind, Read as _};
use std::net::{SocketAddr, TcpListener};
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Connections the kernel may hold ready between two accepts. Returning clients must not wait
/// for its second SYN.
const BACKLOG: i32 = 4096;

/// Seconds for which the kernel keeps a connection to itself that has sent nothing yet.
#[cfg(any(target_os = "linux", target_os = "android"))]
const SILENT_SECS: usize = 1;

/// Listens at an address.
///
/// # Errors
///
/// Where the address is somebody else's, or not of this machine.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // A restart must not wait for the last life's connections to time out.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    // Connections inherit it. Frames are gathered before they are written: waiting for more
    // would only delay them.
    socket.set_tcp_nodelay(true)?;
    // Who has asked for nothing yet need not wake anybody: with many clients, that is one look at a
    // socket in vain and one round of the event loop for each.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Err(error) = deferred::set(&socket, SILENT_SECS) {
        tracing::debug!(%error, "cannot set TCP_DEFER_ACCEPT");
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Reads what there is. Where that is less than there is room for, the socket is known to be empty,
/// and the event loop is told so: to ask it once more would cost a call for each message.
///
/// # Errors
///
/// [`ErrorKind::WouldBlock`] where nothing is there; else the connection is at its end.
pub fn read(stream: &TcpStream, bytes: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    let asked = stream.try_io(Interest::READABLE, || {
        read = (&*SockRef::from(stream)).read(bytes)?;
        match cfg!(unix) && read < bytes.len() && read > 0 {
            true => Err(ErrorKind::WouldBlock.into()),
            false => Ok(()),
        }
    });
    match asked {
        Err(error) if read == 0 => Err(error),
        _ => Ok(read),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod deferred {
    use nix::libc;
    use nix::sys::socket::SetSockOpt as _;
    use std::io;
    use std::os::fd::AsFd;

    #[derive(Debug, Clone, Copy)]
    struct TcpDeferAccept;

    nix::setsockopt_impl!(
        TcpDeferAccept,
        libc::IPPROTO_TCP,
        libc::TCP_DEFER_ACCEPT,
        usize,
        nix::sys::socket::sockopt::SetUsize
    );

    /// Has a listener's connections handed over with their first bytes.
    pub(super) fn set(socket: &impl AsFd, seconds: usize) -> io::Result<()> {
        Ok(TcpDeferAccept.set(socket, &seconds)?)
    }
}
