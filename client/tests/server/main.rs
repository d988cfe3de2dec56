//! The client against the real server, over real sockets.

#[cfg(test)]
mod examples;
#[cfg(test)]
mod following;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tls;
