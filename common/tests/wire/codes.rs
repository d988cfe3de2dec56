//! Names and numbers of errors and close codes, which programs out there compare with.

use common::{CloseCode, ErrorCode};

/// All of them, in the order of their declaration. A new one does not compile until it is here.
fn all_errors() -> Vec<ErrorCode> {
    use ErrorCode as E;
    let after = |code: Option<ErrorCode>| {
        Some(match code {
            None => E::MalformedFrame,
            Some(E::MalformedFrame) => E::UnknownType,
            Some(E::UnknownType) => E::InvalidField,
            Some(E::InvalidField) => E::InvalidRoom,
            Some(E::InvalidRoom) => E::InvalidName,
            Some(E::InvalidName) => E::EmptyMessage,
            Some(E::EmptyMessage) => E::MessageTooLarge,
            Some(E::MessageTooLarge) => E::BinaryFrame,
            Some(E::BinaryFrame) => E::IdRequired,
            Some(E::IdRequired) => E::AlreadyJoined,
            Some(E::AlreadyJoined) => E::NotJoined,
            Some(E::NotJoined) => E::ReservedRoom,
            Some(E::ReservedRoom) => E::NoSuchRoom,
            Some(E::NoSuchRoom) => E::NoSuchMessage,
            Some(E::NoSuchMessage) => E::NoSuchUser,
            Some(E::NoSuchUser) => E::NoSuchInvitation,
            Some(E::NoSuchInvitation) => E::NoSuchSanction,
            Some(E::NoSuchSanction) => E::RoomTaken,
            Some(E::RoomTaken) => E::Banned,
            Some(E::Banned) => E::Muted,
            Some(E::Muted) => E::SlowMode,
            Some(E::SlowMode) => E::RoomLocked,
            Some(E::RoomLocked) => E::RoomArchived,
            Some(E::RoomArchived) => E::Forbidden,
            Some(E::Forbidden) => E::IdReused,
            Some(E::IdReused) => E::TooManyChanges,
            Some(E::TooManyChanges) => E::TooManyReactions,
            Some(E::TooManyReactions) => E::TooManyRooms,
            Some(E::TooManyRooms) => E::NameTaken,
            Some(E::NameTaken) => E::Unauthenticated,
            Some(E::Unauthenticated) => E::TokenExpired,
            Some(E::TokenExpired) => E::SignInRefused,
            Some(E::SignInRefused) => E::InvalidPassword,
            Some(E::InvalidPassword) => E::ClaimRequired,
            Some(E::ClaimRequired) => E::NotOffered,
            Some(E::NotOffered) => E::RateLimited,
            Some(E::RateLimited) => E::TooManyConnections,
            Some(E::TooManyConnections) => E::Overloaded,
            Some(E::Overloaded) => E::StoreUnavailable,
            Some(E::StoreUnavailable) => E::ShuttingDown,
            Some(E::ShuttingDown) => E::NotFound,
            Some(E::NotFound) => E::MethodNotAllowed,
            Some(E::MethodNotAllowed) => E::UnsupportedVersion,
            Some(E::UnsupportedVersion) => E::BodyTooLarge,
            Some(E::BodyTooLarge) => E::UnsupportedMediaType,
            Some(E::UnsupportedMediaType) => E::ForeignOrigin,
            Some(E::ForeignOrigin) => E::ForeignHost,
            Some(E::ForeignHost) => E::Internal,
            Some(E::Internal) => E::Unknown,
            Some(E::Unknown) => return None,
        })
    };
    std::iter::successors(after(None), |&code| after(Some(code))).collect()
}

fn all_closes() -> Vec<CloseCode> {
    use CloseCode as C;
    let after = |code: Option<CloseCode>| {
        Some(match code {
            None => C::ProtocolError,
            Some(C::ProtocolError) => C::NotUtf8,
            Some(C::NotUtf8) => C::FrameTooLarge,
            Some(C::FrameTooLarge) => C::ShuttingDown,
            Some(C::ShuttingDown) => C::HeartbeatTimeout,
            Some(C::HeartbeatTimeout) => C::SlowReader,
            Some(C::SlowReader) => C::Internal,
            Some(C::Internal) => C::UnreadEventsLost,
            Some(C::UnreadEventsLost) => C::SignInExpired,
            Some(C::SignInExpired) => C::RoleChanged,
            Some(C::RoleChanged) => C::SignInEnded,
            Some(C::SignInEnded) => C::Banned,
            Some(C::Banned) => return None,
        })
    };
    std::iter::successors(after(None), |&code| after(Some(code))).collect()
}

#[test]
fn errors_and_close_codes_keep_their_names_and_numbers() {
    let errors = all_errors().into_iter().map(|code| {
        let name = serde_json::to_string(&code).unwrap();
        format!("    {name}: {{ \"retryable\": {} }}", code.is_retryable())
    });
    let closes = all_closes().into_iter().map(|code| {
        let terminal = CloseCode::is_terminal(code.code());
        format!(
            "    \"{code:?}\": {{ \"code\": {}, \"terminal\": {terminal} }}",
            code.code()
        )
    });
    let list = |lines: Vec<String>| lines.join(",\n");
    let actual = format!(
        "{{\n  \"errors\": {{\n{}\n  }},\n  \"closes\": {{\n{}\n  }}\n}}",
        list(errors.collect()),
        list(closes.collect()),
    );
    serde_json::from_str::<serde::de::IgnoredAny>(&actual).unwrap();
    crate::golden::check("codes.json", &actual);
}

#[test]
fn a_client_needs_no_table_to_know_whether_to_come_back() {
    for (code, terminal) in [
        (1000, false),
        (1002, false),
        (1006, false),
        (1007, false),
        (1008, false),
        (1009, true),
        (1010, false),
        (3999, false),
        (4000, false),
        (4499, false),
        (4500, true),
        (4999, true),
        (5000, false),
        (0, false),
        (u16::MAX, false),
    ] {
        assert_eq!(CloseCode::is_terminal(code), terminal, "for {code}");
    }
}

#[test]
fn an_error_code_of_a_newer_server_is_unknown_and_keeps_its_advice() {
    let text = r#"{"type":"error","code":"out_of_cheese","message":"+++","retryable":true}"#;
    let frame = common::codec::decode_server(text).unwrap();
    assert!(
        matches!(&frame, common::ServerFrame::Error(e) if e.code == ErrorCode::Unknown && e.retryable)
    );
}
