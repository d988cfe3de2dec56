//! How far something of the reader's own has come on its way into the log, in words: waiting, or
//! refused, with the ways out there are.

use crate::components::controls::icon::{Glyph, Icon};
use crate::state::hub::Hub;
use crate::state::room_text::frame_error_text;
use common::client::Command;
use common::error::ErrorFrame;
use common::ids::RequestId;
use leptos::prelude::*;

/// How far a send has come.
#[component]
pub fn SendStatus(
    /// The send.
    id: RequestId,
    /// Why the server will not have it.
    refused: Option<ErrorFrame>,
) -> impl IntoView {
    let Some(error) = refused else {
        return view! { <Waiting id /> }.into_any();
    };
    view! { <Refusal id what="Not sent.".to_owned() reason=frame_error_text(&error) /> }.into_any()
}

#[component]
fn Waiting(id: RequestId) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let words = move || {
        if hub.is_live() {
            "Sending"
        } else {
            "Waiting for the connection"
        }
    };
    view! {
        <span class="message-state">
            <Icon glyph=Glyph::Clock size=13 />
            {words}
            // What is on its way cannot be called back.
            {move || (!hub.is_live()).then(|| view! { <Discard id=id.clone() /> })}
        </span>
    }
}

/// What the server will not have, why, and two ways out.
#[component]
pub fn Refusal(
    /// What was refused.
    id: RequestId,
    /// What was not done.
    what: String,
    /// Why.
    reason: String,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let retry_id = id.clone();
    view! {
        <div class="message-state" role="alert">
            <Icon glyph=Glyph::Alert size=15 />
            <span>{what} " " {reason}</span>
            <button
                type="button"
                class="text-button retry"
                on:click=move |_| hub.send(Command::Retry { id: retry_id.clone() })
            >
                "Retry"
            </button>
            <Discard id />
        </div>
    }
}

#[component]
fn Discard(id: RequestId) -> impl IntoView {
    let hub = expect_context::<Hub>();
    view! {
        <button
            type="button"
            class="text-button discard"
            on:click=move |_| hub.send(Command::Discard { id: id.clone() })
        >
            "Discard"
        </button>
    }
}
