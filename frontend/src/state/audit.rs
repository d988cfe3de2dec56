//! The audit log in words.

use common::api::{AuditAct, AuditEntry};
use std::collections::HashMap;

/// The names of those whom entries name by their id alone.
pub type KnownNames = HashMap<String, String>;

/// Who did it, for people.
#[must_use]
pub fn actor(entry: &AuditEntry) -> String {
    match &entry.actor {
        Some(user) => user.name.to_string(),
        // What only admins may do, and nobody did over the network.
        None if is_admins(entry.act) => "The command line".to_owned(),
        None => "Somebody".to_owned(),
    }
}

fn is_admins(act: AuditAct) -> bool {
    matches!(
        act,
        AuditAct::SignedUp
            | AuditAct::PasswordChanged
            | AuditAct::RoleChanged
            | AuditAct::AccountDisabled
            | AuditAct::AccountEnabled
            | AuditAct::KeyCreated
            | AuditAct::KeyRevoked
    )
}

/// What was done, to follow the [`actor`]'s name.
#[must_use]
pub fn deed(entry: &AuditEntry, names: &KnownNames) -> String {
    let whom = || {
        let id = entry.subject.as_deref().unwrap_or_default();
        names.get(id).map_or(id, String::as_str)
    };
    match entry.act {
        AuditAct::SignedUp => match &entry.subject {
            Some(_) => format!("made an account for {}", whom()),
            None => "made an account".to_owned(),
        },
        AuditAct::SignedIn => "signed in".to_owned(),
        AuditAct::SignInRefused if entry.subject.is_some() => {
            format!("gave a wrong password for {}", whom())
        }
        AuditAct::SignInRefused => "gave a name that has no account".to_owned(),
        AuditAct::SignInReused => {
            format!(
                "used a token a second time, and its sign-in was ended: {}",
                whom()
            )
        }
        AuditAct::SignedOut => "ended a sign-in".to_owned(),
        AuditAct::PasswordChanged => match &entry.subject {
            Some(_) => format!("changed the password of {}", whom()),
            None => "changed the own password".to_owned(),
        },
        AuditAct::RoleChanged => format!("gave another role to {}", whom()),
        AuditAct::AccountDisabled => format!("disabled the account of {}", whom()),
        AuditAct::AccountEnabled => format!("let {} in again", whom()),
        AuditAct::KeyCreated => format!("made the key {}", whom()),
        AuditAct::KeyRevoked => format!("revoked the key {}", whom()),
        AuditAct::MessageDeleted => format!("deleted somebody else's message: {}", whom()),
        AuditAct::RoomMade
        | AuditAct::RoomChanged
        | AuditAct::RoomArchived
        | AuditAct::RoomReopened
        | AuditAct::StandingChanged
        | AuditAct::Kicked
        | AuditAct::Banned
        | AuditAct::Muted
        | AuditAct::SanctionLifted
        | AuditAct::InvitationMade
        | AuditAct::InvitationTakenBack
        | AuditAct::InvitationAccepted => room_deed(entry, names),
        AuditAct::Unknown => "did something that this page has no words for yet".to_owned(),
    }
}

/// What was done about a room. The subject is a room, or whom it concerned and where.
fn room_deed(entry: &AuditEntry, names: &KnownNames) -> String {
    let subject = entry.subject.as_deref().unwrap_or_default();
    let (first, rest) = subject.split_once(' ').unwrap_or((subject, ""));
    let first = names.get(first).map_or(first, String::as_str);
    let what = format!("{first} {rest}");
    let verb = match entry.act {
        AuditAct::RoomMade => "made the room",
        AuditAct::RoomChanged => "changed the settings of",
        AuditAct::RoomArchived => "archived",
        AuditAct::RoomReopened => "brought back",
        AuditAct::StandingChanged => "changed a standing:",
        AuditAct::Kicked => "put out",
        AuditAct::Banned => "banned",
        AuditAct::Muted => "muted",
        AuditAct::SanctionLifted => "lifted a ban or a mute:",
        AuditAct::InvitationMade => "made the invitation",
        AuditAct::InvitationTakenBack => "took back the invitation",
        _ => "came by an invitation into",
    };
    format!("{verb} {}", what.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn entry(act: AuditAct, rest: &str) -> AuditEntry {
        let json = format!(
            r#"{{"id":1,"at":"2026-01-01T00:00:00Z","act":"{}"{rest}}}"#,
            act.as_str()
        );
        serde_json::from_str(&json).unwrap()
    }

    #[wasm_bindgen_test]
    fn every_act_has_words_of_its_own() {
        let names = KnownNames::new();
        let mut all: Vec<String> = AuditAct::ALL
            .into_iter()
            .map(|act| deed(&entry(act, ""), &names))
            .collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "{all:?}");
    }

    #[wasm_bindgen_test]
    fn who_did_it_and_to_whom_is_said_by_name_where_it_is_known() {
        let names = KnownNames::from([("u2".to_owned(), "Bob".to_owned())]);
        let ada = r#","actor":{"id":"u1","name":"Ada"},"subject":"u2""#;
        let disabled = entry(AuditAct::AccountDisabled, ada);
        assert_eq!(actor(&disabled), "Ada");
        assert_eq!(deed(&disabled, &names), "disabled the account of Bob");
        let kicked = entry(AuditAct::Kicked, r#","subject":"u2 in garden""#);
        assert_eq!(deed(&kicked, &names), "put out Bob in garden");
        let unknown = entry(AuditAct::RoleChanged, r#","subject":"u3""#);
        assert_eq!(actor(&unknown), "The command line");
        assert_eq!(deed(&unknown, &names), "gave another role to u3");
        assert_eq!(actor(&entry(AuditAct::SignInRefused, "")), "Somebody");
    }
}
