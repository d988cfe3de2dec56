//! The names of those who reacted: the log tells their ids alone.

use common::client::{RoomPart, RoomView};
use common::ids::UserId;
use common::text::UserName;
use std::collections::HashMap;

/// The names a room tells: of those who are here, and of those who wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReactorNames(HashMap<UserId, UserName>);

impl ReactorNames {
    /// The parts of a room that they depend on.
    pub const PARTS: &[RoomPart] = &[RoomPart::Timeline, RoomPart::Presence];

    /// The names of a room.
    #[must_use]
    pub fn of(view: RoomView<'_>) -> Self {
        let authors = view
            .messages()
            .map(|one| (one.user.clone(), one.from.clone()));
        let mut names: HashMap<_, _> = authors.collect();
        let here = view.presence().users().unwrap_or_default();
        names.extend(here.iter().map(|user| (user.id.clone(), user.name.clone())));
        Self(names)
    }

    /// Who they are, in words: the reader first, and those without a name counted.
    #[must_use]
    pub fn list(&self, users: &[UserId], me: &UserId) -> String {
        let mut words = Vec::new();
        if users.contains(me) {
            words.push("You".to_owned());
        }
        let others = || users.iter().filter(|user| *user != me);
        let known = others().filter_map(|user| self.0.get(user));
        words.extend(known.map(ToString::to_string));
        match others().filter(|user| !self.0.contains_key(*user)).count() {
            0 => {}
            1 => words.push("somebody".to_owned()),
            many => words.push(format!("{many} others")),
        }
        match words.pop() {
            Some(last) if words.is_empty() => last,
            Some(last) => format!("{} and {last}", words.join(", ")),
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn people_are_named_the_reader_first_and_strangers_are_counted() {
        let id = |text: &str| -> UserId { text.parse().unwrap() };
        let known = [("u-ada", "Ada"), ("u-bob", "Bob")];
        let names = known.map(|(user, name)| (id(user), name.parse().unwrap()));
        let names = ReactorNames(names.into_iter().collect());
        for (users, expected) in [
            (vec!["u-bob"], "Bob"),
            (vec!["u-bob", "u-ada"], "You and Bob"),
            (vec!["u-x"], "somebody"),
            (
                vec!["u-x", "u-bob", "u-y", "u-ada"],
                "You, Bob and 2 others",
            ),
        ] {
            let users: Vec<_> = users.into_iter().map(id).collect();
            assert_eq!(names.list(&users, &id("u-ada")), expected);
        }
    }
}
