//! Grouping and day lines, by a calendar in which every day has 1000 minutes.

use super::*;
use wasm_bindgen_test::wasm_bindgen_test;

struct Decimal;

impl Calendar for Decimal {
    fn day(&self, at: Timestamp) -> i64 {
        i64::try_from(at.0 / 60_000 / 1000).unwrap()
    }

    fn words(&self, at: Timestamp) -> String {
        format!("day {}", self.day(at))
    }
}

fn user(name: &str) -> User {
    User {
        id: name.to_lowercase().parse().unwrap(),
        name: name.parse().unwrap(),
    }
}

fn minute(minute: u64) -> Timestamp {
    Timestamp(minute * 60_000)
}

fn message(seq: u64, from: &str, at_minute: u64) -> Arc<MessagePosted> {
    let (id, at) = (from.to_lowercase(), minute(at_minute));
    let json = format!(
        r#"{{"room":"general","seq":{seq},"from":"{from}","user":"{id}","content":"hello",
            "timestamp":"{at}"}}"#
    );
    Arc::new(serde_json::from_str(&json).unwrap())
}

fn pending(id: &str, refused: bool) -> Pending {
    let error = ErrorFrame::new(common::ErrorCode::Overloaded, "full");
    Pending {
        id: id.parse().unwrap(),
        author: user("Ada"),
        content: Some("mine".parse().unwrap()),
        data: None,
        refused: refused.then_some(error),
    }
}

/// The rows in one line of words: `[day]`, `---`, a capital where a message leads.
fn drawn(
    messages: &[Arc<MessagePosted>],
    sends: Vec<Pending>,
    new_from: Option<u64>,
    now: u64,
) -> String {
    let me = user("Ada");
    let source = Source {
        messages: messages.iter().cloned(),
        pending: sends.into_iter(),
        new_from: new_from.map(Seq),
        now: minute(now),
        me: &me,
    };
    let words = rows(source, &Decimal).into_iter().map(|row| match row {
        Row::Day { label } => format!("[{label}]"),
        Row::New => "---".to_owned(),
        Row::Stored {
            message,
            lead: true,
        } => message.from.to_string(),
        Row::Stored {
            message,
            lead: false,
        } => message.from.as_str().to_lowercase(),
        Row::Pending { send, lead } => {
            format!(
                "{}{}",
                if lead { "P" } else { "p" },
                if send.refused.is_some() { "!" } else { "" }
            )
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[wasm_bindgen_test]
fn messages_of_one_author_are_grouped_until_they_pause() {
    let messages = [
        message(1, "Ada", 10),
        message(2, "Ada", 12),
        message(3, "Bob", 12),
        message(4, "Bob", 18),
    ];
    assert_eq!(
        drawn(&messages, vec![], None, 20),
        "[Today] Ada ada Bob Bob"
    );
}

#[wasm_bindgen_test]
fn days_are_named_once_and_break_groups() {
    let messages = [
        message(1, "Ada", 10),
        message(2, "Ada", 999),
        message(3, "Ada", 1000),
        message(4, "Ada", 2001),
        // The server's clock was set back over midnight.
        message(5, "Ada", 1999),
    ];
    assert_eq!(
        drawn(&messages, vec![], None, 2010),
        "[day 0] Ada Ada [Yesterday] Ada [Today] Ada ada"
    );
}

#[wasm_bindgen_test]
fn the_new_line_stands_before_the_first_unread_message() {
    let messages = [
        message(1, "Bob", 1),
        message(2, "Bob", 2),
        message(3, "Ada", 3),
        message(4, "Bob", 4),
    ];
    let me: UserId = "ada".parse().unwrap();
    assert_eq!(first_unread(messages.iter(), &me, 0), None);
    assert_eq!(first_unread(messages.iter(), &me, 1), Some(Seq(4)));
    assert_eq!(first_unread(messages.iter(), &me, 2), Some(Seq(2)));
    assert_eq!(first_unread(messages.iter(), &me, 9), Some(Seq(1)));
    assert_eq!(
        drawn(&messages, vec![], Some(2), 5),
        "[Today] Bob --- Bob Ada Bob"
    );
}

#[wasm_bindgen_test]
fn own_messages_on_their_way_follow_those_in_the_log() {
    let messages = [message(1, "Ada", 10)];
    assert_eq!(
        drawn(
            &messages,
            vec![pending("a", false), pending("b", true)],
            None,
            12
        ),
        "[Today] Ada p p!"
    );
    assert_eq!(
        drawn(&messages, vec![pending("a", false)], None, 1200),
        "[Yesterday] Ada [Today] P"
    );
    assert_eq!(drawn(&[], vec![pending("a", false)], None, 5), "[Today] P");
}

#[wasm_bindgen_test]
fn a_row_stays_the_same_while_its_message_changes() {
    let row = |lead| Row::Stored {
        message: message(1, "Ada", 10),
        lead,
    };
    assert_eq!(row(true).key(), row(true).key());
    assert_ne!(row(true).key(), row(false).key());
    let mut erased = (*message(1, "Ada", 10)).clone();
    erased.delete();
    assert_eq!(
        row(true).key(),
        Row::Stored {
            message: Arc::new(erased),
            lead: true
        }
        .key()
    );
    let pending = |refused| Row::Pending {
        send: pending("a", refused),
        lead: true,
    };
    assert_ne!(pending(true).key(), pending(false).key());
}
