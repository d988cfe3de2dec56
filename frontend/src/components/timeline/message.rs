//! A message in the log. Its row stays the same while it is edited, deleted or reacted to: only what
//! changes in it is drawn anew.

use crate::components::controls::avatar::Avatar;
use crate::components::controls::icon::{Glyph, Icon};
use crate::components::controls::lazy::Lazy;
use crate::components::timeline::linked_text::{DataBlock, LinkedText};
use crate::components::timeline::message_toolbar::{MessageToolbar, author};
use crate::components::timeline::reactions::Reactions;
use crate::platform::clock;
use crate::state::hub::Hub;
use crate::state::lazy_view::LazyView;
use crate::state::message_actions::{MessageActions, Panel};
use crate::state::message_row::{Change, MessageRow};
use crate::state::ui::{DialogKind, Ui};
use common::client::RoomView;
use common::event::MessagePosted;
use common::time::Timestamp;
use leptos::ev::PointerEvent;
use leptos::prelude::*;
use std::sync::Arc;

/// A message in the log.
#[component]
pub fn Message(
    /// The message as it was when its row came onto the page.
    message: Arc<MessagePosted>,
    /// Whether it shows its author: it is the first of a group.
    lead: bool,
) -> impl IntoView {
    let actions = expect_context::<MessageActions>();
    let seq = message.seq;
    let shown = follow(actions, Arc::clone(&message));
    let panel = Memo::new(move |_| actions.panel(seq));
    let is_editing = Memo::new(move |_| panel.get() == Some(Panel::Edit));
    let is_deleted = Memo::new(move |_| shown.read().message.deleted);
    let words = Memo::new(move |_| {
        let shown = shown.read();
        (shown.message.content.clone(), shown.message.data.clone())
    });
    let refused = Memo::new(move |_| {
        let shown = shown.read();
        let with_fate = |change: &Change| (change.clone(), shown.is_obsolete(change));
        shown.refused().map(with_fate).collect::<Vec<_>>()
    });
    let is_confirming = Memo::new(move |_| panel.get() == Some(Panel::Confirm));
    let (label, head) = avatar_and_heading(&message, lead);
    let hover = move |event: PointerEvent, is_there| {
        if event.pointer_type() == "mouse" {
            actions.hover(seq, is_there);
        }
    };
    view! {
        <li
            class="message"
            data-seq=seq.to_string()
            data-lead=lead.to_string()
            data-panel=move || panel.get().map(name)
            data-changing=move || shown.read().is_changing().to_string()
            on:pointerenter=move |event| hover(event, true)
            on:pointerleave=move |event| hover(event, false)
        >
            {label}
            <div class="message-body">
                {head}
                {move || match (is_deleted.get(), is_editing.get()) {
                    (true, _) => view! { <p class="deleted">"This message was deleted."</p> }.into_any(),
                    (false, true) => view! { <Lazy view=LazyView::EditField(shown) /> }.into_any(),
                    (false, false) => view! {
                        {move || words.get().0.map(|text| view! { <LinkedText text=text.to_string() /> })}
                    }
                    .into_any(),
                }}
                {move || words.get().1.map(|data| view! { <DataBlock json=data.as_str().to_owned() /> })}
                <Marks shown />
                <Reactions shown />
                {move || is_confirming.get().then(|| {
                    let author = shown.with_untracked(|shown| author(&shown.message));
                    view! { <Lazy view=LazyView::ConfirmDelete(seq, author) /> }
                })}
                {move || {
                    let refused = refused.get().into_iter();
                    refused
                        .map(|(change, is_obsolete)| view! {
                            <Lazy view=LazyView::RefusedChange(change, is_obsolete) />
                        })
                        .collect_view()
                }}
            </div>
            {move || (!is_deleted.get() && !is_editing.get()).then(|| view! { <MessageToolbar shown panel /> })}
        </li>
    }
}

/// The message as it is now. What leaves the view keeps its last looks until its row is gone.
fn follow(actions: MessageActions, message: Arc<MessagePosted>) -> Memo<MessageRow> {
    Memo::new(move |before: Option<&MessageRow>| {
        let find = |view: RoomView<'_>| {
            let shown = view.message_view(message.seq)?;
            // The same seq in another life of the log is another message.
            let is_it = shown.message.timestamp == message.timestamp;
            is_it.then(|| MessageRow::of(&shown))
        };
        let now = actions.read(find).flatten();
        now.or_else(|| before.cloned())
            .unwrap_or_else(|| MessageRow::plain(Arc::clone(&message)))
    })
}

fn avatar_and_heading(message: &MessagePosted, lead: bool) -> (AnyView, AnyView) {
    let at = message.timestamp;
    let written = if lead {
        clock::time_text(at)
    } else {
        clock::short_time_text(at)
    };
    let time = view! {
        <time datetime=at.to_string() title=clock::full_text(at)>{written}</time>
    };
    let name = message.from.to_string();
    let person = author(message);
    let ui = expect_context::<Ui>();
    let is_me = expect_context::<Hub>().me().id == person.id;
    if lead {
        let label = view! { <Avatar user=message.user.clone() name=message.from.clone() /> };
        let head = view! {
            <div class="message-head">
                // With the keyboard one gets there by the message's toolbar.
                {match is_me {
                    true => view! { <span class="author" dir="auto">{name}</span> }.into_any(),
                    false => view! {
                        <button
                            type="button"
                            class="author"
                            dir="auto"
                            tabindex="-1"
                            aria-haspopup="dialog"
                            on:click=move |_| ui.ask(DialogKind::Person(person.clone()))
                        >
                            {name}
                        </button>
                    }
                    .into_any(),
                }}
                {time}
            </div>
        };
        (label.into_any(), head.into_any())
    } else {
        let label = view! { <div class="message-gutter">{time}</div> };
        // Who listens to a message out of its group must still hear whose it is.
        let head = view! { <span class="unseen">{name} ": "</span> };
        (label.into_any(), head.into_any())
    }
}

fn name(panel: Panel) -> &'static str {
    match panel {
        Panel::Menu => "menu",
        Panel::EmojiPicker => "palette",
        Panel::Confirm => "confirm",
        Panel::Edit => "edit",
    }
}

/// That it was edited, and that a change of it is on its way.
#[component]
fn Marks(shown: Memo<MessageRow>) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let marks = Memo::new(move |_| -> (Option<Timestamp>, bool) {
        let shown = shown.read();
        let edited_at = shown.message.edited_at.filter(|_| !shown.message.deleted);
        (edited_at, shown.is_changing())
    });
    let words = move || {
        if hub.is_live() {
            "Saving"
        } else {
            "Waiting for the connection"
        }
    };
    move || {
        let (edited_at, is_changing) = marks.get();
        let edited = edited_at.map(|at| {
            view! { <span class="edited" title=clock::full_text(at)>"edited"</span> }
        });
        let changing = is_changing.then(|| {
            view! {
                <span class="message-state">
                    <Icon glyph=Glyph::Clock size=13 />
                    {words}
                </span>
            }
        });
        (edited_at.is_some() || is_changing).then(|| {
            view! { <div class="message-marks">{edited}{changing}</div> }
        })
    }
}
