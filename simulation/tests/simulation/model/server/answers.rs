//! What the model server says, put into frames.

use super::Out;
use crate::server::ConnectionNumber;
use common::ids::RequestId;
use common::limits::Limits;
use common::reply::{Ack, Presence, Welcome};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use common::{ErrorCode, ErrorFrame, ServerFrame};

pub(super) fn welcome(number: ConnectionNumber, user: User) -> ServerFrame {
    ServerFrame::Welcome(Box::new(Welcome {
        protocol: common::version::V1_JSON.to_owned(),
        server: "model".to_owned(),
        connection: format!("c{number}").parse().unwrap(),
        user,
        role: common::role::Role::Guest,
        limits: Limits::default(),
        heartbeat_ms: 5000,
        timestamp: Timestamp(0),
    }))
}

pub(super) fn counted(room: &RoomName) -> Presence {
    Presence {
        room: room.clone(),
        count: 1,
        users: None,
        joined: vec![],
        left: vec![],
    }
}

pub(super) fn done(to: ConnectionNumber, id: Option<&RequestId>, out: &mut Out) {
    if let Some(id) = id {
        out.push((to, ServerFrame::Ack(Box::new(Ack::done(id.clone())))));
    }
}

pub(super) fn refuse(to: ConnectionNumber, id: Option<&RequestId>, code: ErrorCode, out: &mut Out) {
    let error = ErrorFrame::new(code, "refused").answering(id.cloned());
    out.push((to, ServerFrame::Error(error)));
}
