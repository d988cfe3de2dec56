//! The entries of the audit log in words.

use common::api::{AuditAction, AuditEntry};
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

fn is_admins(act: AuditAction) -> bool {
    matches!(
        act,
        AuditAction::SignedUp
            | AuditAction::PasswordChanged
            | AuditAction::RoleChanged
            | AuditAction::AccountDisabled
            | AuditAction::AccountEnabled
            | AuditAction::KeyCreated
            | AuditAction::KeyRevoked
    )
}

/// What was done, to follow the [`actor`]'s name.
#[must_use]
pub fn action_text(entry: &AuditEntry, names: &KnownNames) -> String {
    let whom = || {
        let id = entry.subject.as_deref().unwrap_or_default();
        names.get(id).map_or(id, String::as_str)
    };
    match entry.act {
        AuditAction::SignedUp => match &entry.subject {
            Some(_) => format!("created an account for {}", whom()),
            None => "created an account".to_owned(),
        },
        AuditAction::SignedIn => "signed in".to_owned(),
        AuditAction::SignInRefused if entry.subject.is_some() => {
            format!("tried a wrong password for {}", whom())
        }
        AuditAction::SignInRefused => "tried a name without an account".to_owned(),
        AuditAction::SignInReused => {
            format!("reused a refresh token; its session was ended: {}", whom())
        }
        AuditAction::SignedOut => "ended a sign-in".to_owned(),
        AuditAction::PasswordChanged => match &entry.subject {
            Some(_) => format!("changed the password of {}", whom()),
            None => "changed their password".to_owned(),
        },
        AuditAction::RoleChanged => format!("changed the role of {}", whom()),
        AuditAction::AccountDisabled => format!("disabled the account of {}", whom()),
        AuditAction::AccountEnabled => format!("enabled the account of {}", whom()),
        AuditAction::KeyCreated => format!("created the key {}", whom()),
        AuditAction::KeyRevoked => format!("revoked the key {}", whom()),
        AuditAction::MessageDeleted => format!("deleted somebody else's message: {}", whom()),
        AuditAction::RoomMade
        | AuditAction::RoomChanged
        | AuditAction::RoomArchived
        | AuditAction::RoomReopened
        | AuditAction::StandingChanged
        | AuditAction::Kicked
        | AuditAction::Banned
        | AuditAction::Muted
        | AuditAction::SanctionLifted
        | AuditAction::InvitationMade
        | AuditAction::InvitationTakenBack
        | AuditAction::InvitationAccepted => room_deed(entry, names),
        AuditAction::Unknown => "did something that this page does not know".to_owned(),
    }
}

/// What was done about a room. The subject is a room, or whom it concerned and where.
fn room_deed(entry: &AuditEntry, names: &KnownNames) -> String {
    let subject = entry.subject.as_deref().unwrap_or_default();
    let (first, rest) = subject.split_once(' ').unwrap_or((subject, ""));
    let first = names.get(first).map_or(first, String::as_str);
    let what = format!("{first} {rest}");
    let verb = match entry.act {
        AuditAction::RoomMade => "created the room",
        AuditAction::RoomChanged => "changed the settings of",
        AuditAction::RoomArchived => "archived",
        AuditAction::RoomReopened => "brought back",
        AuditAction::StandingChanged => "changed a role:",
        AuditAction::Kicked => "removed",
        AuditAction::Banned => "banned",
        AuditAction::Muted => "muted",
        AuditAction::SanctionLifted => "lifted a ban or a mute:",
        AuditAction::InvitationMade => "created the invitation",
        AuditAction::InvitationTakenBack => "revoked the invitation",
        _ => "accepted an invitation into",
    };
    format!("{verb} {}", what.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn entry(act: AuditAction, rest: &str) -> AuditEntry {
        let json = format!(
            r#"{{"id":1,"at":"2026-01-01T00:00:00Z","act":"{}"{rest}}}"#,
            act.as_str()
        );
        serde_json::from_str(&json).unwrap()
    }

    #[wasm_bindgen_test]
    fn every_act_has_words_of_its_own() {
        let names = KnownNames::new();
        let mut all: Vec<String> = AuditAction::ALL
            .into_iter()
            .map(|act| action_text(&entry(act, ""), &names))
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
        let disabled = entry(AuditAction::AccountDisabled, ada);
        assert_eq!(actor(&disabled), "Ada");
        assert_eq!(
            action_text(&disabled, &names),
            "disabled the account of Bob"
        );
        let kicked = entry(AuditAction::Kicked, r#","subject":"u2 in garden""#);
        assert_eq!(action_text(&kicked, &names), "removed Bob in garden");
        let unknown = entry(AuditAction::RoleChanged, r#","subject":"u3""#);
        assert_eq!(actor(&unknown), "The command line");
        assert_eq!(action_text(&unknown, &names), "changed the role of u3");
        assert_eq!(actor(&entry(AuditAction::SignInRefused, "")), "Somebody");
    }
}
