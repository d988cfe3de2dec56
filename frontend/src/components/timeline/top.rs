//! The top of a timeline: loading older messages, or the beginning of the room.

use crate::components::controls::room_icon::RoomIcon;
use crate::state::navigator::Navigator;
use crate::state::room_entry::RoomEntry;
use crate::state::room_label::RoomLabel;
use crate::state::timeline_status::TimelineStatus;
use common::room::RoomKind;
use common::text::RoomName;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What stands above the first message in view.
#[component]
pub fn TimelineTop(
    /// The room.
    label: Memo<RoomLabel>,
    /// How the timeline stands.
    status: Memo<TimelineStatus>,
    /// Whether it has no rows.
    is_empty: Memo<bool>,
    /// Asks for older messages.
    load_older: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let context = Memo::new(move |_| {
        let status = status.get();
        (
            status.has_older,
            status.is_loading_older,
            status.is_joining && is_empty.get(),
        )
    });
    move || match context.get() {
        (_, _, true) => ().into_any(),
        (_, true, _) => {
            view! { <p class="older" role="status">"Loading older messages"</p> }.into_any()
        }
        (true, false, _) => view! {
            <p class="older">
                <button type="button" class="text-button load-older" on:click=move |_| load_older()>
                    "Load older messages"
                </button>
            </p>
        }
        .into_any(),
        (false, false, _) => {
            let words = match (is_empty.get(), label.read().door) {
                (true, RoomKind::Direct) => {
                    "No messages yet. Only the two of you can read this conversation."
                }
                (true, _) => {
                    "No messages yet. Write the first one: people who join later can read it."
                }
                (false, _) => "This is the beginning of the room. All messages are kept.",
            };
            view! {
                <div class="beginning">
                    <RoomIcon label size=24 />
                    <h2 dir="auto">{move || label.read().name().to_owned()}</h2>
                    {move || label.read().topic.as_ref().map(|topic| view! {
                        <p dir="auto">{topic.to_string()}</p>
                    })}
                    <p>{words}</p>
                    {move || is_empty.get().then(|| view! {
                        <SimilarRoom room=label.read_untracked().room().clone() />
                    })}
                </div>
            }
            .into_any()
        }
    }
}

/// Leads from an empty room to one that is in use and has nearly the same name.
#[component]
fn SimilarRoom(room: RoomName) -> impl IntoView {
    let navigator = expect_context::<Navigator>();
    let entry = RoomEntry::here();
    let existing = RwSignal::new(None::<RoomName>);
    if !room.is_hidden() {
        spawn_local(async move {
            if let Some(found) = entry.similar_in_use(&room).await {
                // The reader may have left meanwhile.
                let _ = existing.try_set(Some(found));
            }
        });
    }
    move || {
        existing.get().map(|existing| {
            let words = format!("Go to {existing}");
            view! {
                <p>
                    "A room with a very similar name is in use. "
                    <button
                        type="button"
                        class="text-button similar-room"
                        on:click=move |_| navigator.go(&existing)
                    >
                        {words}
                    </button>
                </p>
            }
        })
    }
}
