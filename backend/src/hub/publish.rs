//! What follows the store's answer: members receive the events, senders receive their acknowledgement.

use super::feed::Feed;
use super::post::Origin;
use crate::audit::{Audit, AuditContext, subject_in_room};
use crate::bus::{Bus, EVENTS_BYTES_MAX, Hint, LocalBus};
use crate::room::Room;
use crate::room::encode::{encode, encode_into};
use crate::store::{Appended, NewEvent, Placed, Refusal, StoreError};
use bytes::Bytes;
use common::api::AuditAction;
use common::text::RoomName;
use common::{ErrorCode, ErrorFrame};
use std::collections::BTreeMap;
use std::sync::Arc;

/// See the module.
#[derive(Clone)]
pub(super) struct Publisher {
    pub(super) feed: Feed,
    pub(super) bus: Arc<dyn Bus>,
    pub(super) audit: Arc<Audit>,
}

/// The rooms of a batch. Ordered, so that a simulation can replay what follows.
type Rooms = BTreeMap<RoomName, Published>;

/// What is done with a room's part of a batch.
struct Published {
    /// The room, where it is live here; looked up once.
    live: Option<Arc<Room>>,
    /// What the other nodes are told.
    hint: Option<Hint>,
    bytes: usize,
    /// The events are not told, since one of them erases others, or they are too large.
    is_head_only: bool,
}

impl Published {
    fn add(&mut self, at: &Placed, frame: &[u8]) {
        let hint = self.hint.get_or_insert_with(|| Hint {
            node: 0,
            epoch: at.epoch.clone(),
            head: at.seq,
            events: Vec::new(),
        });
        hint.head = at.seq;
        self.bytes += frame.len();
        self.is_head_only |= !at.erased.is_empty() || self.bytes > EVENTS_BYTES_MAX;
        match self.is_head_only {
            true => hint.events.clear(),
            false => hint.events.push((at.seq, Bytes::copy_from_slice(frame))),
        }
    }
}

impl Publisher {
    /// The same for rooms in memory, which are this node's own.
    pub(super) fn without_bus(self) -> Self {
        let bus = Arc::new(LocalBus);
        Self { bus, ..self }
    }

    /// Publishes a batch. All of it goes into the tails, and every sender has its answer ready,
    /// before any shard is woken: so a member is written to once.
    pub(super) fn publish(
        &self,
        batch: Vec<NewEvent>,
        answers: Result<Vec<Appended>, StoreError>,
        origins: Vec<Origin>,
    ) {
        match answers {
            Ok(answers) => {
                let mut rooms = Rooms::new();
                let mut frame = Vec::new();
                for ((event, answer), origin) in batch.into_iter().zip(answers).zip(origins) {
                    self.complete(event, &answer, origin, &mut rooms, &mut frame);
                }
                for (room, published) in &rooms {
                    if let Some(hint) = &published.hint {
                        self.bus.publish(room, hint);
                    }
                }
                self.feed
                    .published(rooms.into_values().filter_map(|room| room.live));
            }
            Err(error) => {
                refuse(&batch, &error, origins);
                self.feed.published([]);
            }
        }
    }

    fn complete(
        &self,
        event: NewEvent,
        answer: &Appended,
        origin: Origin,
        rooms: &mut Rooms,
        frame: &mut Vec<u8>,
    ) {
        let id = event.id.clone();
        match answer {
            Appended::Placed(at) => {
                if !at.repeat {
                    self.note_moderation(&event, at);
                    if !rooms.contains_key(&event.room) {
                        let published = Published {
                            live: self.feed.live(&event.room),
                            hint: None,
                            bytes: 0,
                            is_head_only: false,
                        };
                        rooms.insert(event.room.clone(), published);
                    }
                    if let Some(published) = rooms.get_mut(&event.room) {
                        self.publish_one(published, event, at, frame);
                    }
                }
                origin.complete(id.as_ref(), Ok(at));
            }
            Appended::Refused(refusal) => {
                origin.complete(id.as_ref(), Err(&refused(*refusal, event.room)));
            }
        }
    }

    /// Notes that somebody took back what somebody else has said.
    fn note_moderation(&self, event: &NewEvent, at: &Placed) {
        let Some(message) = at.erased.first() else {
            return;
        };
        let author = &message.event.author;
        if author.id != event.author.id {
            let what = format!("{} of {}", message.seq, author.id);
            let subject = subject_in_room(&event.room, Some(&what));
            self.audit.note(
                AuditAction::MessageDeleted,
                AuditContext {
                    actor: Some(event.author.clone()),
                    subject: Some(subject),
                    origin: None,
                },
            );
        }
    }

    fn publish_one(
        &self,
        published: &mut Published,
        mut event: NewEvent,
        at: &Placed,
        frame: &mut Vec<u8>,
    ) {
        let is_told = !self.bus.is_local();
        if published.live.is_none() && !is_told {
            return;
        }
        event.timestamp = at.timestamp;
        frame.clear();
        encode_into(frame, event, at.seq);
        if is_told {
            published.add(at, frame);
        }
        if let Some(room) = &published.live {
            for gone in &at.erased {
                room.erase(gone.seq, &encode(gone.event.clone(), gone.seq));
            }
            self.feed.append(room, &at.epoch, at.seq, frame);
        }
    }
}

/// The answer to an event that the log does not take.
fn refused(refusal: Refusal, room: RoomName) -> ErrorFrame {
    let code = match refusal {
        Refusal::NoSuchMessage => ErrorCode::NoSuchMessage,
        Refusal::NotYours => ErrorCode::Forbidden,
        Refusal::NoSuchReaction => ErrorCode::NoSuchMessage,
        Refusal::TooManyReactions => ErrorCode::TooManyReactions,
        Refusal::TooManyChanges => ErrorCode::TooManyChanges,
        Refusal::IdReused => ErrorCode::IdReused,
        Refusal::TooManyLogs => ErrorCode::Overloaded,
    };
    ErrorFrame::new(code, refusal.to_string()).about(room)
}

fn refuse(batch: &[NewEvent], error: &StoreError, origins: Vec<Origin>) {
    tracing::debug!(%error, events = batch.len(), "a batch could not be stored");
    let frame = error.to_frame();
    for (event, origin) in batch.iter().zip(origins) {
        origin.complete(event.id.as_ref(), Err(&frame));
    }
}
