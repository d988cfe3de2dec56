//! What follows the store's answer: members receive the events, senders receive their acknowledgement.

use super::feed::Feed;
use super::post::Origin;
use crate::audit::{Audit, AuditContext, subject_in_room};
use crate::room::Room;
use crate::room::encode::{encode, encode_into};
use crate::store::{Appended, NewEvent, Placed, Refusal, StoreError};
use common::api::AuditAction;
use common::text::RoomName;
use common::{ErrorCode, ErrorFrame};
use std::collections::BTreeMap;
use std::sync::Arc;

/// See the module.
#[derive(Clone)]
pub(super) struct Publisher {
    pub(super) feed: Feed,
    pub(super) audit: Arc<Audit>,
}

/// The rooms of a batch, looked up once. Ordered, so that a simulation can replay what follows.
type Rooms = BTreeMap<RoomName, Option<Arc<Room>>>;

impl Publisher {
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
                self.feed.deliver(rooms.into_values().flatten());
            }
            Err(error) => {
                refuse(&batch, &error, origins);
                self.feed.deliver([]);
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
                    let room = match rooms.get(&event.room) {
                        Some(known) => known.clone(),
                        None => {
                            let found = self.feed.live(&event.room);
                            rooms.insert(event.room.clone(), found.clone());
                            found
                        }
                    };
                    if let Some(room) = room {
                        self.publish_one(&room, event, at, frame);
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

    fn publish_one(&self, room: &Arc<Room>, mut event: NewEvent, at: &Placed, frame: &mut Vec<u8>) {
        event.timestamp = at.timestamp;
        for gone in &at.erased {
            room.erase(gone.seq, &encode(gone.event.clone(), gone.seq));
        }
        frame.clear();
        encode_into(frame, event, at.seq);
        self.feed.append(room, &at.epoch, at.seq, frame);
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
