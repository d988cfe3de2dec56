//! A room's messages. Stays at the newest one while the reader is there, keeps its place while
//! older ones are loaded above, and tells the client core what the reader has seen.

use crate::components::icon::{Glyph, Icon};
use crate::components::message::Message;
use crate::components::pending_message::PendingMessage;
use crate::components::skeleton::Skeleton;
use crate::platform::dom;
use crate::state::day::LocalCalendar;
use crate::state::hub::Hub;
use crate::state::rows::{Pending, Row, Source, first_unread, rows};
use crate::state::ui::Ui;
use common::client::{Command, RoomState, RoomView};
use common::ids::Seq;
use common::text::RoomName;
use leptos::html;
use leptos::prelude::*;

/// How the timeline stands, beside its rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Stand {
    is_joining: bool,
    has_older: bool,
    is_loading_older: bool,
    unread: usize,
    pending: usize,
}

impl Stand {
    fn of(view: RoomView<'_>) -> Self {
        Self {
            is_joining: matches!(view.state(), RoomState::Joining),
            has_older: view.has_older(),
            is_loading_older: view.is_loading_older(),
            unread: view.unread(),
            pending: view.pending().len(),
        }
    }
}

/// A room's messages.
#[component]
pub fn Timeline(
    /// The room.
    room: RoomName,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let ui = expect_context::<Ui>();
    let name = StoredValue::new(room.clone());
    let read = move |look: &mut dyn FnMut(RoomView<'_>)| {
        name.with_value(|room| hub.with_room(room, |view| look(view)));
    };
    let stand = Memo::new(move |_| {
        let mut stand = Stand { is_joining: true, ..Stand::default() };
        read(&mut |view| stand = Stand::of(view));
        stand
    });
    let new_from = RwSignal::new(None::<Seq>);
    let lines = Memo::new(move |_| {
        let me = hub.me();
        let (now, new_from) = (ui.minute.get(), new_from.get());
        let mut lines = Vec::new();
        read(&mut |view| {
            let pending = view.pending().map(|send| Pending::new(send, &me));
            let source = Source { messages: view.messages(), pending, new_from, now, me: &me };
            lines = rows(source, &LocalCalendar);
        });
        lines
    });
    let find_new = move || {
        let mut found = None;
        let me = hub.me().id;
        read(&mut |view| found = first_unread(view.messages(), &me, view.unread()));
        new_from.set(found);
    };

    let node = NodeRef::<html::Div>::new();
    let at_bottom = RwSignal::new(true);
    let to_bottom = move || {
        if let Some(node) = node.get_untracked() {
            dom::scroll_to_bottom(&node);
            at_bottom.set(true);
        }
    };
    let load_older = move || {
        if stand.with_untracked(|stand| stand.has_older && !stand.is_loading_older) {
            hub.send(Command::LoadOlder { room: name.get_value() });
        }
    };
    let look = move || {
        let Some(node) = node.get_untracked() else { return };
        if at_bottom.get_untracked() != dom::is_at_bottom(&node) {
            at_bottom.update(|bottom| *bottom = !*bottom);
        }
        if dom::is_near_top(&node) {
            load_older();
        }
    };
    follow_newest(lines, stand, at_bottom, to_bottom, look);
    follow_reader(stand, at_bottom, find_new, new_from, name);

    view! {
        <div class="timeline-frame">
            <div
                class="timeline"
                node_ref=node
                role="log"
                aria-live="polite"
                aria-label=format!("Messages in {room}")
                aria-busy=move || {
                    let stand = stand.get();
                    (stand.is_joining || stand.is_loading_older).to_string()
                }
                tabindex="0"
                data-state=move || if stand.read().is_joining { "joining" } else { "live" }
                on:scroll=move |_| look()
            >
                {move || {
                    let is_empty = Memo::new(move |_| lines.read().is_empty());
                    if stand.read().is_joining && is_empty.get() {
                        view! { <Skeleton /> }.into_any()
                    } else {
                        ().into_any()
                    }
                }}
                <div class="rows">
                    <Top room=room.clone() stand is_empty=Signal::derive(move || lines.read().is_empty()) load_older />
                    <ol>
                        <For each=move || lines.get() key=Row::key children=row />
                    </ol>
                </div>
            </div>
            <Jump stand at_bottom to_bottom />
        </div>
    }
}

fn row(row: Row) -> AnyView {
    match row {
        Row::Day { label } => view! { <li class="day-line">{label}</li> }.into_any(),
        Row::New => view! { <li class="day-line new-line">"New"</li> }.into_any(),
        Row::Stored { message, lead } => view! { <Message message lead /> }.into_any(),
        Row::Pending { send, lead } => view! { <PendingMessage send lead /> }.into_any(),
    }
}

/// The newest row stays in sight while the reader is there; the reader's own message always comes
/// into sight.
fn follow_newest(
    lines: Memo<Vec<Row>>,
    stand: Memo<Stand>,
    at_bottom: RwSignal<bool>,
    to_bottom: impl Fn() + Copy + 'static,
    look: impl Fn() + Copy + 'static,
) {
    Effect::new(move |before: Option<usize>| {
        lines.track();
        let pending = stand.read().pending;
        let has_sent = before.is_some_and(|before| pending > before);
        if has_sent || at_bottom.get_untracked() {
            to_bottom();
        }
        // Once the rows are laid out: are there enough of them to fill the screen?
        request_animation_frame(look);
        pending
    });
}

/// Tells the core what was seen, and keeps the line above what came while the reader was away.
fn follow_reader(
    stand: Memo<Stand>,
    at_bottom: RwSignal<bool>,
    find_new: impl Fn() + Copy + 'static,
    new_from: RwSignal<Option<Seq>>,
    room: StoredValue<RoomName>,
) {
    let hub = expect_context::<Hub>();
    let ui = expect_context::<Ui>();
    let unread = Memo::new(move |_| stand.read().unread);
    Effect::new(move |before: Option<usize>| {
        let unread = unread.get();
        let is_looking = at_bottom.get() && ui.visible.get();
        let is_first_look = before.is_none();
        if unread > 0 && before.unwrap_or_default() == 0 && (is_first_look || !is_looking) {
            untrack(find_new);
        }
        if unread > 0 && is_looking {
            hub.send(Command::MarkSeen { room: room.get_value() });
        }
        unread
    });
    // Who answers has read.
    Effect::new(move |_| {
        if stand.read().pending > 0 {
            new_from.set(None);
        }
    });
}

/// What stands above the first message in view.
#[component]
fn Top(
    room: RoomName,
    stand: Memo<Stand>,
    is_empty: Signal<bool>,
    load_older: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let place = Memo::new(move |_| {
        let stand = stand.get();
        (stand.has_older, stand.is_loading_older, stand.is_joining && is_empty.get())
    });
    move || match place.get() {
        (_, _, true) => ().into_any(),
        (_, true, _) => view! { <p class="older" role="status">"Loading older messages"</p> }.into_any(),
        (true, false, _) => view! {
            <p class="older">
                <button type="button" class="text-button load-older" on:click=move |_| load_older()>
                    "Load older messages"
                </button>
            </p>
        }
        .into_any(),
        (false, false, _) => {
            let words = if is_empty.get() {
                "Nobody has said anything yet. Say something: whoever comes later can read it."
            } else {
                "This is the beginning. Everything said here is kept."
            };
            view! {
                <div class="beginning">
                    <Icon glyph=Glyph::Hash size=24 />
                    <h2 dir="auto">{room.to_string()}</h2>
                    <p>{words}</p>
                </div>
            }
            .into_any()
        }
    }
}

/// The way down, for a reader who has scrolled up.
#[component]
fn Jump(
    stand: Memo<Stand>,
    at_bottom: RwSignal<bool>,
    to_bottom: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let words = move || match stand.read().unread {
        0 => "Newest messages".to_owned(),
        1 => "1 new message".to_owned(),
        many => format!("{many} new messages"),
    };
    move || {
        (!at_bottom.get()).then(|| view! {
            <button
                type="button"
                class="jump"
                data-new=move || (stand.read().unread > 0).to_string()
                on:click=move |_| to_bottom()
            >
                <Icon glyph=Glyph::Down size=15 />
                {words}
            </button>
        })
    }
}
