//! A message in the log.

use crate::components::avatar::Avatar;
use crate::components::rich_text::{DataBlock, RichText};
use crate::platform::clock;
use common::event::{MessagePosted, Reaction};
use leptos::prelude::*;
use std::sync::Arc;

/// A message in the log.
#[component]
pub fn Message(
    /// The message.
    message: Arc<MessagePosted>,
    /// Whether it shows its author: it is the first of a group.
    lead: bool,
) -> impl IntoView {
    let at = message.timestamp;
    let written = if lead {
        clock::time_text(at)
    } else {
        clock::short_time_text(at)
    };
    let time = view! {
        <time datetime=at.to_string() title=clock::full_text(at)>{written}</time>
    };
    let author = message.from.to_string();
    let (face, head) = if lead {
        let face = view! { <Avatar user=message.user.clone() name=message.from.clone() /> };
        let head = view! {
            <div class="message-head">
                <span class="author" dir="auto">{author}</span>
                {time}
            </div>
        };
        (face.into_any(), head.into_any())
    } else {
        let face = view! { <div class="message-gutter">{time}</div> };
        // Who listens to a message out of its group must still hear whose it is.
        (
            face.into_any(),
            view! { <span class="unseen">{author} ": "</span> }.into_any(),
        )
    };
    view! {
        <li class="message" data-seq=message.seq.to_string() data-lead=lead.to_string()>
            {face}
            <div class="message-body">
                {head}
                {message.deleted.then(|| view! {
                    <p class="deleted">"This message was deleted."</p>
                })}
                {message.content.as_ref().map(|text| view! { <RichText text=text.to_string() /> })}
                {message.data.as_ref().map(|data| {
                    view! { <DataBlock json=data.as_str().to_owned() /> }
                })}
                {message.edited_at.filter(|_| !message.deleted).map(|at| view! {
                    <span class="edited" title=clock::full_text(at)>"edited"</span>
                })}
                {(!message.reactions.is_empty()).then(|| view! {
                    <Reactions reactions=message.reactions.clone() />
                })}
            </div>
        </li>
    }
}

/// The reactions to a message, with how many people put each there.
#[component]
fn Reactions(reactions: Vec<Reaction>) -> impl IntoView {
    let chip = |one: &Reaction| {
        view! { <li class="reaction">{one.emoji.to_string()} <span>{one.users.len()}</span></li> }
    };
    view! {
        <ul class="reactions" aria-label="Reactions">
            {reactions.iter().map(chip).collect_view()}
        </ul>
    }
}
