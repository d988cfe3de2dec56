//! The reader's own message on its way into the log: dimmed while it waits.

use crate::components::controls::avatar::Avatar;
use crate::components::timeline::linked_text::{DataBlock, LinkedText};
use crate::components::timeline::send_status::SendStatus;
use crate::state::rows::Pending;
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
    let label = lead.then(|| view! { <Avatar user=author.id.clone() name=author.name.clone() /> });
    let head = lead.then(|| {
        view! {
            <div class="message-head">
                <span class="author" dir="auto">{author.name.to_string()}</span>
            </div>
        }
    });
    view! {
        <li class="message" data-state=state data-id=send.id.to_string() data-lead=lead.to_string()>
            {label}
            <div class="message-body">
                {head}
                {send.content.as_ref().map(|text| view! { <LinkedText text=text.to_string() /> })}
                {send.data.as_ref().map(|data| {
                    view! { <DataBlock json=data.as_str().to_owned() /> }
                })}
                <SendStatus id=send.id.clone() refused=send.refused />
            </div>
        </li>
    }
}
