//! The paths of the HTTP API, as its router has them: `{name}` stands for one segment.

/// The user's session: who am I, sign in, sign out.
pub const SESSION: &str = "/api/v1/session";
/// Trades a refresh token for new tokens.
pub const SESSION_REFRESH: &str = "/api/v1/session/refresh";
/// Accounts: sign up; for admins, the list.
pub const ACCOUNTS: &str = "/api/v1/accounts";
/// One account, for admins.
pub const ONE_ACCOUNT: &str = "/api/v1/accounts/{user}";
/// Keys of programs, for admins.
pub const KEYS: &str = "/api/v1/keys";
/// One key.
pub const ONE_KEY: &str = "/api/v1/keys/{id}";
/// The user's own account.
pub const OWN_ACCOUNT: &str = "/api/v1/account";
/// The user's own password.
pub const PASSWORD: &str = "/api/v1/password";
/// The user's own sign-ins.
pub const SIGN_INS: &str = "/api/v1/sign-ins";
/// One sign-in.
pub const ONE_SIGN_IN: &str = "/api/v1/sign-ins/{id}";
/// The audit log, for admins.
pub const AUDIT: &str = "/api/v1/audit";
/// The rooms that the user can see; creating one.
pub const ROOMS: &str = "/api/v1/rooms";
/// Public rooms with similar names.
pub const SIMILAR_ROOMS: &str = "/api/v1/rooms/similar";
/// One room.
pub const ONE_ROOM: &str = "/api/v1/rooms/{room}";
/// Who is online in a room.
pub const PRESENCE: &str = "/api/v1/rooms/{room}/presence";
/// A room's history; publishing in it.
pub const MESSAGES: &str = "/api/v1/rooms/{room}/messages";
/// A room's members.
pub const MEMBERS: &str = "/api/v1/rooms/{room}/members";
/// One member.
pub const ONE_MEMBER: &str = "/api/v1/rooms/{room}/members/{user}";
/// A room's bans and mutes.
pub const SANCTIONS: &str = "/api/v1/rooms/{room}/sanctions";
/// One ban or mute.
pub const ONE_SANCTION: &str = "/api/v1/rooms/{room}/sanctions/{id}";
/// A room's invitations.
pub const INVITATIONS: &str = "/api/v1/rooms/{room}/invitations";
/// One invitation.
pub const ONE_INVITATION: &str = "/api/v1/rooms/{room}/invitations/{id}";
/// Opens a direct conversation.
pub const DIRECT: &str = "/api/v1/direct";
/// Bans and mutes on the whole node.
pub const NODE_SANCTIONS: &str = "/api/v1/sanctions";
/// One of them.
pub const ONE_NODE_SANCTION: &str = "/api/v1/sanctions/{id}";
/// What an invitation leads to.
pub const INVITATION_PREVIEW: &str = "/api/v1/invitations/look";
/// Accepts an invitation.
pub const INVITATION_ACCEPT: &str = "/api/v1/invitations/accept";
/// Announces something to everyone.
pub const BROADCASTS: &str = "/api/v1/broadcasts";
/// The WebSocket.
pub const WEBSOCKET: &str = "/ws";
/// Whether the process runs.
pub const HEALTH: &str = "/health";
/// Whether the node can serve.
pub const READY: &str = "/ready";
/// The node's counters.
pub const STATS: &str = "/stats";

/// A path with these segments in the places of its `{name}`s, in order. Characters that a segment cannot
/// hold are percent-encoded (RFC 3986, section 2.3).
#[must_use]
pub fn fill(path: &str, segments: &[&str]) -> String {
    let mut filled = String::with_capacity(path.len() + 32);
    let (mut rest, mut segments) = (path, segments.iter());
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        escape_into(segments.next().copied().unwrap_or_default(), &mut filled);
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    filled.push_str(rest);
    filled
}

/// Adds a text with every byte percent-encoded that is not unreserved (RFC 3986, section 2.3).
pub fn escape_into(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or(b'0');
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let escaped = [b'%', digit(byte >> 4), digit(byte & 15)];
            out.extend(escaped.map(char::from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_take_the_places_of_names_and_stay_one_segment() {
        for (path, segments, expected) in [
            (ROOMS, &[][..], "/api/v1/rooms"),
            (MESSAGES, &["general"], "/api/v1/rooms/general/messages"),
            (
                ONE_MEMBER,
                &["a/b?c#d%", "u{1}"],
                "/api/v1/rooms/a%2Fb%3Fc%23d%25/members/u%7B1%7D",
            ),
            (
                ONE_ROOM,
                &["live:grün ~x"],
                "/api/v1/rooms/live%3Agr%C3%BCn%20~x",
            ),
            (ONE_ROOM, &["$broadcast"], "/api/v1/rooms/%24broadcast"),
        ] {
            assert_eq!(fill(path, segments), expected);
        }
    }
}
