//! A room's displayed name and icon.

use common::api::RoomSummary;
use common::room::{RoomKind, RoomSettings};
use common::text::{Line, RoomName, Title};
use common::user::User;
use serde::{Deserialize, Serialize};

/// What people see of a room. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomLabel {
    room: RoomName,
    /// Who may come in.
    pub door: RoomKind,
    title: Option<Title>,
    /// What it is about.
    pub topic: Option<Line>,
    /// In a direct conversation, the other one.
    pub with: Option<User>,
}

impl RoomLabel {
    /// What is known of a room of which the server has said nothing yet.
    #[must_use]
    pub fn unknown(room: RoomName) -> Self {
        let door = match room.is_hidden() {
            true => RoomKind::Private,
            false => RoomKind::Public,
        };
        Self {
            room,
            door,
            title: None,
            topic: None,
            with: None,
        }
    }

    /// As the list of rooms has it.
    #[must_use]
    pub fn listed(one: &RoomSummary) -> Self {
        Self {
            room: one.room.clone(),
            door: one.door,
            title: one.title.clone(),
            topic: one.topic.clone(),
            with: one.with.clone(),
        }
    }

    /// As the room's settings have it.
    #[must_use]
    pub fn set(settings: &RoomSettings) -> Self {
        Self {
            room: settings.room.clone(),
            door: settings.door,
            title: settings.title.clone(),
            topic: settings.topic.clone(),
            with: settings.with.clone(),
        }
    }

    /// Which room.
    #[must_use]
    pub fn room(&self) -> &RoomName {
        &self.room
    }

    /// What people call it. The name that the server gave a hidden room says nothing to anybody.
    #[must_use]
    pub fn name(&self) -> &str {
        match (&self.title, &self.with) {
            (Some(title), _) => title.as_str(),
            (None, Some(other)) => other.name.as_str(),
            (None, None) if self.door == RoomKind::Direct => "Conversation",
            (None, None) if self.room.is_hidden() => "Private room",
            (None, None) => self.room.as_str(),
        }
    }

    /// As it is written in a line of text: a public room by the sign of its kind.
    #[must_use]
    pub fn written(&self) -> String {
        match (self.door, &self.title) {
            (RoomKind::Public, None) => format!("#{}", self.room),
            _ => self.name().to_owned(),
        }
    }

    /// What kind it is, for those who do not see its sign; nothing where it is the usual one.
    #[must_use]
    pub fn kind(&self) -> Option<&'static str> {
        match self.door {
            RoomKind::Public => None,
            RoomKind::Private => Some("private room"),
            RoomKind::Direct => Some("direct conversation"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_room_is_called_by_what_people_gave_it_and_never_by_a_name_the_server_made() {
        let hidden = RoomName::hidden(7);
        let bob = r#"{"id":"u-bob","name":"Bob"}"#;
        for (json, name, written) in [
            (r#"{"room":"garden"}"#.to_owned(), "garden", "#garden"),
            (
                r#"{"room":"garden","title":"The garden"}"#.to_owned(),
                "The garden",
                "The garden",
            ),
            (
                format!(r#"{{"room":"{hidden}","door":"private","title":"Board"}}"#),
                "Board",
                "Board",
            ),
            (
                format!(r#"{{"room":"{hidden}","door":"direct","with":{bob}}}"#),
                "Bob",
                "Bob",
            ),
            (
                format!(r#"{{"room":"{hidden}","door":"direct"}}"#),
                "Conversation",
                "Conversation",
            ),
        ] {
            let label = RoomLabel::set(&serde_json::from_str(&json).unwrap());
            assert_eq!((label.name(), &*label.written()), (name, written), "{json}");
        }
        assert_eq!(RoomLabel::unknown(hidden).name(), "Private room");
        assert_eq!(RoomLabel::unknown("a".parse().unwrap()).name(), "a");
    }
}
