//! Pages of events, and pages of messages with their changes folded in.

use super::{Reader, RoomAt};
use crate::store::pages::take_page;
use crate::store::sqlite::row::{COLUMNS, Columns, event};
use crate::store::{MessagePage, Page, Range, StoreError, StoredEvent};
use common::text::RoomName;
use rusqlite::{Rows, params};

/// Which events a page holds.
#[derive(Clone, Copy)]
enum Which {
    All,
    Messages,
}

impl Reader {
    pub(in crate::store::sqlite) fn read(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<Page, StoreError> {
        // One snapshot for head and events.
        let _snapshot = self.connection.unchecked_transaction()?;
        let found = self.room(room)?;
        let (events, more) = self.select(room, &found, range, limit, Which::All)?;
        Ok(Page {
            at: found.at,
            events,
            more,
        })
    }

    pub(in crate::store::sqlite) fn messages(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        let _snapshot = self.connection.unchecked_transaction()?;
        let found = self.room(room)?;
        let (messages, more) = self.select(room, &found, range, limit, Which::Messages)?;
        let mut page = MessagePage {
            at: found.at,
            messages,
            changes: Vec::new(),
            more,
        };
        self.read_changes(room, found.row, range, &mut page)?;
        Ok(page)
    }

    fn select(
        &self,
        room: &RoomName,
        found: &RoomAt,
        range: Range,
        limit: usize,
        which: Which,
    ) -> Result<(Vec<StoredEvent>, bool), StoreError> {
        let only = match which {
            Which::All => "",
            Which::Messages => "AND kind = 0",
        };
        let (bound, sql) = match range {
            Range::After(seq) => (seq, format!("seq > ?2 {only} ORDER BY seq")),
            Range::Before(seq) => (seq, format!("seq < ?2 {only} ORDER BY seq DESC")),
            Range::Newest => (
                found.at.head.next(),
                format!("seq < ?2 {only} ORDER BY seq DESC"),
            ),
        };
        let sql = format!("SELECT {COLUMNS} FROM event WHERE room_id = ?1 AND {sql} LIMIT ?3");
        // A seq beyond what SQLite can hold lies above every event.
        let bound = i64::try_from(bound.0).unwrap_or(i64::MAX);
        // One more than asked for says whether there are more.
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![found.row, bound, wanted])?;
        let (mut events, more) = take_page(read_events(room, &mut rows), limit)?;
        if !matches!(range, Range::After(_)) {
            events.reverse();
        }
        Ok((events, more))
    }

    /// Reads what changes the messages of a page: of the edits of a message, the last. Drops the
    /// messages whose changes would take more than [`PAGE_BYTES_MAX`], but never the one that is
    /// read first.
    fn read_changes(
        &self,
        room: &RoomName,
        row: i64,
        range: Range,
        page: &mut MessagePage,
    ) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (page.messages.first(), page.messages.last()) else {
            return Ok(());
        };
        let (first, last) = (first.seq, last.seq);
        let (order, nearest) = match range {
            Range::After(_) => ("ASC", first),
            Range::Newest | Range::Before(_) => ("DESC", last),
        };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM event
             INDEXED BY event_by_target
             WHERE room_id = ?1 AND target BETWEEN ?2 AND ?3
             AND (kind <> 1 OR seq = (SELECT max(later.seq)
                 FROM event AS later INDEXED BY event_by_target
                 WHERE later.room_id = ?1 AND later.target = event.target AND later.kind = 1))
             ORDER BY target {order}, seq {order}"
        ))?;
        let mut rows = statement.query(params![row, first.0, last.0])?;
        page.take_changes(read_events(room, &mut rows), range, nearest)
    }
}

/// The events in rows that select [`COLUMNS`].
fn read_events<'a>(
    room: &'a RoomName,
    rows: &'a mut Rows<'_>,
) -> impl Iterator<Item = Result<StoredEvent, StoreError>> + 'a {
    std::iter::from_fn(move || match rows.next() {
        Ok(row) => row.map(|row| event(room, &Columns(row))),
        Err(error) => Some(Err(error.into())),
    })
}
