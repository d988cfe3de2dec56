//! The banner that shows announcements.

use crate::components::controls::icon::{Glyph, Icon};
use crate::components::timeline::linked_text::{DataBlock, LinkedText};
use crate::components::timeline::send_status::SendStatus;
use crate::platform::clock;
use crate::state::announcements::{context, shown};
use crate::state::hub::Hub;
use crate::state::rows::Pending;
use crate::state::saved_state;
use crate::state::ui::Ui;
use common::client::RoomView;
use common::event::MessagePosted;
use leptos::prelude::*;
use std::sync::Arc;

/// The banner above a conversation. The region is always there, so that what comes is read out.
#[component]
pub fn Announcement() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let ui = expect_context::<Ui>();
    let dismissed = RwSignal::new(saved_state::dismissed());
    let news = Memo::new(move |_| {
        let read = |view: RoomView<'_>| shown(view.messages(), dismissed.get(), ui.minute.get());
        hub.with_announcements(read).unwrap_or_default()
    });
    let shows_all = RwSignal::new(false);
    let earlier = move || news.read().len().saturating_sub(1);
    let items = move || {
        let count = if shows_all.get() { usize::MAX } else { 1 };
        news.get()
            .into_iter()
            .rev()
            .take(count)
            .map(item)
            .collect_view()
    };
    let dismiss = move |_| {
        if let Some(newest) = news.read_untracked().last().map(|message| context(message)) {
            saved_state::set_dismissed(newest);
            dismissed.set(Some(newest));
            shows_all.set(false);
        }
    };
    view! {
        <div role="status" aria-label="Announcements">
            {move || (!news.read().is_empty()).then(|| view! {
                <div class="announcement">
                    <Icon glyph=Glyph::Megaphone />
                    <div class="announcement-body" tabindex="0" role="group" aria-label="Announcement">
                        {items}
                        {move || (!shows_all.get() && earlier() > 0).then(|| view! {
                            <button
                                type="button"
                                class="text-button show-earlier"
                                on:click=move |_| shows_all.set(true)
                            >
                                {move || format!("{} earlier", earlier())}
                            </button>
                        })}
                    </div>
                    <button
                        type="button"
                        class="icon-button dismiss"
                        aria-label="Dismiss"
                        title="Dismiss"
                        on:click=dismiss
                    >
                        <Icon glyph=Glyph::Close size=17 />
                    </button>
                </div>
            })}
            <OwnAnnouncements />
        </div>
    }
}

/// The reader's own announcements on their way.
#[component]
fn OwnAnnouncements() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let own = Memo::new(move |_| {
        let me = hub.me();
        let read = |view: RoomView<'_>| {
            view.pending()
                .map(|send| Pending::new(send, &me))
                .collect::<Vec<_>>()
        };
        hub.with_announcements(read).unwrap_or_default()
    });
    let item = |send: Pending| {
        view! {
            <div class="announcement" data-state="pending" data-id=send.id.to_string()>
                <Icon glyph=Glyph::Megaphone />
                <div class="announcement-body">
                    {send.content.map(|text| view! { <LinkedText text=text.to_string() /> })}
                    <SendStatus id=send.id.clone() refused=send.refused />
                </div>
            </div>
        }
    };
    move || own.get().into_iter().map(item).collect_view()
}

fn item(message: Arc<MessagePosted>) -> impl IntoView {
    let at = message.timestamp;
    view! {
        <div class="announcement-item" data-seq=message.seq.to_string()>
            <p class="announcement-head">
                <strong class="author" dir="auto">{message.from.to_string()}</strong>
                " to everyone, "
                <time datetime=at.to_string() title=clock::full_text(at)>{clock::time_text(at)}</time>
            </p>
            {message.content.as_ref().map(|text| view! { <LinkedText text=text.to_string() /> })}
            {message.data.as_ref().map(|data| view! { <DataBlock json=data.as_str().to_owned() /> })}
        </div>
    }
}
