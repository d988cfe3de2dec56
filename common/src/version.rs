//! The protocol's version, negotiated as the WebSocket subprotocol (RFC 6455, section 1.9).

/// Version 1: JSON text frames. Also what a client gets that names no subprotocol.
pub const V1_JSON: &str = "hubbub.v1.json";

/// The subprotocols this build speaks, the preferred one first.
pub const SUPPORTED: &[&str] = &[V1_JSON];
