//! The reader's own message on its way into the log: dimmed while it waits, with the reason and
//! two ways out where the server refused it.

use crate::components::avatar::Avatar;
use crate::components::icon::{Glyph, Icon};
use crate::components::rich_text::{DataBlock, RichText};
use crate::state::hub::Hub;
use crate::state::rows::Pending;
use crate::state::words::sentence;
use common::client::Command;
use common::error::ErrorFrame;
use common::ids::RequestId;
use leptos::prelude::*;

/// The reader's own message on its way.
#[component]
pub fn PendingMessage(
    /// The message.
    send: Pending,
    /// Whether it shows its author: it is the first of a group.
    lead: bool,
) -> impl IntoView {
    let state = if send.refused.is_some() {
        "refused"
    } else {
        "pending"
    };
    let author = &send.author;
    let face = lead.then(|| view! { <Avatar user=author.id.clone() name=author.name.clone() /> });
    let head = lead.then(|| {
        view! {
            <div class="message-head">
                <span class="author" dir="auto">{author.name.to_string()}</span>
            </div>
        }
    });
    view! {
        <li class="message" data-state=state data-id=send.id.to_string() data-lead=lead.to_string()>
            {face}
            <div class="message-body">
                {head}
                {send.content.as_ref().map(|text| view! { <RichText text=text.to_string() /> })}
                {send.data.as_ref().map(|data| {
                    view! { <DataBlock json=data.as_str().to_owned() /> }
                })}
                <SendNote id=send.id.clone() refused=send.refused />
            </div>
        </li>
    }
}

/// How far a send has come, in words.
#[component]
pub fn SendNote(
    /// The send.
    id: RequestId,
    /// Why the server will not have it.
    refused: Option<ErrorFrame>,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let Some(error) = refused else {
        let words = move || {
            if hub.is_live() {
                "Sending"
            } else {
                "Waiting for the connection"
            }
        };
        return view! {
            <span class="message-state">
                <Icon glyph=Glyph::Clock size=13 />
                {words}
                // What is on its way cannot be called back.
                {move || (!hub.is_live()).then(|| {
                    let id = id.clone();
                    view! {
                        <button
                            type="button"
                            class="text-button discard"
                            on:click=move |_| hub.send(Command::Discard { id: id.clone() })
                        >
                            "Discard"
                        </button>
                    }
                })}
            </span>
        }
        .into_any();
    };
    let retry_id = id.clone();
    view! {
        <div class="message-state" role="alert">
            <Icon glyph=Glyph::Alert size=15 />
            <span>"Not sent. " {sentence(&error.message)}</span>
            <button
                type="button"
                class="text-button retry"
                on:click=move |_| hub.send(Command::Retry { id: retry_id.clone() })
            >
                "Retry"
            </button>
            <button
                type="button"
                class="text-button discard"
                on:click=move |_| hub.send(Command::Discard { id: id.clone() })
            >
                "Discard"
            </button>
        </div>
    }
    .into_any()
}
