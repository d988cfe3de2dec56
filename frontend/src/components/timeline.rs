//! A room's messages. Stays at the newest one while the reader is there, keeps its place while
//! older ones are loaded above, and tells the client core what the reader has seen.

pub mod confirm_delete;
pub mod edit_field;
pub mod emoji_picker;
pub mod jump_to_newest;
pub mod linked_text;
pub mod message;
pub mod message_toolbar;
pub mod pending_message;
pub mod reactions;
pub mod refused_change;
pub mod scroll;
pub mod send_status;
pub mod skeleton;
pub mod top;
pub mod unplaced_changes;

use crate::components::timeline::jump_to_newest::JumpToNewest;
use crate::components::timeline::message::Message;
use crate::components::timeline::message_toolbar::ToolbarEntry;
use crate::components::timeline::pending_message::PendingMessage;
use crate::components::timeline::scroll::Scroll;
use crate::components::timeline::skeleton::Skeleton;
use crate::components::timeline::top::TimelineTop;
use crate::state::day::LocalCalendar;
use crate::state::hub::Hub;
use crate::state::message_actions::MessageActions;
use crate::state::room_context::RoomContext;
use crate::state::rows::{Pending, Row, Source, first_unread, rows};
use crate::state::timeline_status::TimelineStatus;
use crate::state::ui::Ui;
use common::client::{Command, RoomPart, RoomView};
use common::ids::Seq;
use common::text::RoomName;
use leptos::prelude::*;

/// A room's messages.
#[component]
pub fn Timeline(
    /// The room.
    room: RoomName,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let name = StoredValue::new(room.clone());
    let label = RoomContext::of(room).label;
    let status = Memo::new(move |_| {
        read(hub, name, TimelineStatus::PARTS, TimelineStatus::of)
            .unwrap_or(TimelineStatus::UNKNOWN)
    });
    let new_from = RwSignal::new(None::<Seq>);
    let lines = draw(hub, name, new_from);
    let find_new = move || {
        let me = hub.me().id;
        let find = |view: RoomView<'_>| first_unread(view.messages(), &me, view.unread());
        new_from.set(read(hub, name, TimelineStatus::PARTS, find).flatten());
    };

    let actions = expect_context::<MessageActions>();
    provide_context(ToolbarEntry(Memo::new(move |_| actions.toolbar_entry())));

    let is_empty = Memo::new(move |_| lines.read().is_empty());
    let scroll = Scroll::new();
    let load_older = move || {
        if status.with_untracked(|status| status.has_older && !status.is_loading_older) {
            hub.send(Command::LoadOlder {
                room: name.get_value(),
            });
        }
    };
    let look = move || {
        if scroll.look() {
            load_older();
        }
    };
    follow_newest(lines, status, scroll, look);
    follow_reader(status, scroll.at_bottom, find_new, new_from, name);

    view! {
        <div class="timeline-frame">
            <div
                class="timeline"
                node_ref=scroll.node
                role="log"
                aria-live="polite"
                aria-label=move || format!("Messages in {}", label.read().name())
                aria-busy=move || {
                    let status = status.get();
                    (status.is_joining || status.is_loading_older).to_string()
                }
                tabindex="0"
                data-state=move || if status.read().is_joining { "joining" } else { "live" }
                on:scroll=move |_| look()
            >
                {move || {
                    let is_loading = status.read().is_joining && is_empty.get();
                    is_loading.then(|| view! { <Skeleton /> })
                }}
                <div class="rows">
                    <TimelineTop label status is_empty load_older />
                    <ol>
                        <For each=move || lines.get() key=Row::key children=row />
                    </ol>
                </div>
            </div>
            <JumpToNewest status scroll />
        </div>
    }
}

/// Reads the room, tracked.
fn read<T>(
    hub: Hub,
    room: StoredValue<RoomName>,
    parts: &[RoomPart],
    look: impl FnOnce(RoomView<'_>) -> T,
) -> Option<T> {
    room.with_value(|room| hub.with_room(room, parts, look))
}

/// The room's lines.
fn draw(hub: Hub, room: StoredValue<RoomName>, new_from: RwSignal<Option<Seq>>) -> Memo<Vec<Row>> {
    let ui = expect_context::<Ui>();
    Memo::new(move |_| {
        let me = hub.me();
        let (now, new_from) = (ui.minute.get(), new_from.get());
        let draw = |view: RoomView<'_>| {
            let pending = view.pending().map(|send| Pending::new(send, &me));
            let messages = view.message_views().map(|shown| shown.message);
            rows(
                Source {
                    messages,
                    pending,
                    new_from,
                    now,
                    me: &me,
                },
                &LocalCalendar,
            )
        };
        read(hub, room, &[RoomPart::Timeline, RoomPart::Pending], draw).unwrap_or_default()
    })
}

fn row(row: Row) -> AnyView {
    match row {
        Row::Day { label } => view! { <li class="day-line">{label}</li> }.into_any(),
        Row::New => view! { <li class="day-line new-line">"New"</li> }.into_any(),
        Row::Stored { message, lead } => view! { <Message message lead /> }.into_any(),
        Row::Pending { send, lead } => view! { <PendingMessage send lead /> }.into_any(),
    }
}

/// The newest row stays in sight while the reader is there, and the reader's place while not; the
/// reader's own message always comes into sight.
fn follow_newest(
    lines: Memo<Vec<Row>>,
    status: Memo<TimelineStatus>,
    scroll: Scroll,
    look: impl Fn() + Copy + 'static,
) {
    Effect::new(move |before: Option<usize>| {
        lines.track();
        let pending = status.read().pending;
        let has_sent = before.is_some_and(|before| pending > before);
        // The rows are on the page by then, and not yet on the screen.
        request_animation_frame(move || {
            if scroll.settle(has_sent) {
                // Are there enough rows to fill the screen?
                look();
            }
        });
        pending
    });
}

/// Tells the core what was seen, and keeps the line above what came while the reader was away.
fn follow_reader(
    status: Memo<TimelineStatus>,
    at_bottom: RwSignal<bool>,
    find_new: impl Fn() + Copy + 'static,
    new_from: RwSignal<Option<Seq>>,
    room: StoredValue<RoomName>,
) {
    let hub = expect_context::<Hub>();
    let ui = expect_context::<Ui>();
    let unread = Memo::new(move |_| status.read().unread);
    Effect::new(move |before: Option<usize>| {
        let unread = unread.get();
        let is_looking = at_bottom.get() && ui.visible.get();
        let is_first_look = before.is_none();
        if unread > 0 && before.unwrap_or_default() == 0 && (is_first_look || !is_looking) {
            untrack(find_new);
        }
        if unread > 0 && is_looking {
            hub.send(Command::MarkSeen {
                room: room.get_value(),
            });
        }
        unread
    });
    // Who answers has read.
    Effect::new(move |_| {
        if status.read().pending > 0 {
            new_from.set(None);
        }
    });
}
