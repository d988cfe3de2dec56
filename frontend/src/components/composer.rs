//! The place to write. Enter sends, Shift+Enter breaks a line; what is begun stays with its room.

pub mod write_blocked;

use crate::components::composer::write_blocked::WriteBlocked;
use crate::components::controls::icon::{Glyph, Icon};
use crate::platform::{clock, dom, page};
use crate::state::compose::{KeyAction, content, counter, edits_last, key_action};
use crate::state::drafts::Draft;
use crate::state::hub::Hub;
use crate::state::message_actions::MessageActions;
use crate::state::room_context::RoomContext;
use crate::state::room_label::RoomLabel;
use crate::state::room_text::duration_text;
use crate::state::slow_mode::SlowModeTimer;
use crate::state::write_block::WriteBlock;
use common::client::{Command, Millis, Status};
use common::room::{RoomAction, RoomKind};
use common::text::{RoomName, TextError};
use common::time::Timestamp;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use std::time::Duration;

/// How often a wait is counted down.
const COUNT: Duration = Duration::from_millis(500);

/// What the line under the field says, and of which kind it is.
type ResultNote = Option<(&'static str, String)>;

/// The place to write.
#[component]
pub fn Composer(
    /// Where it is said.
    room: RoomName,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let draft = Draft::of(room.clone());
    let refused = RwSignal::new(None::<&'static str>);
    let field = NodeRef::<html::Textarea>::new();
    take_keyboard(field);
    take_back(hub, draft, refused, room.clone());

    let target = StoredValue::new(room.clone());
    let context = RoomContext::of(room);
    let waits = Waits::new(context);
    let send = move || {
        if untrack(|| waits.seconds.get()) > 0 {
            return; // The line under the field says why, and for how long.
        }
        let limits = untrack(|| hub.limits());
        match untrack(|| draft.with(|text| content(text, &limits))) {
            Ok(content) => {
                draft.set(String::new());
                let room = target.get_value();
                waits.said();
                hub.send(Command::Send {
                    room,
                    content: Some(content),
                    data: None,
                });
            }
            Err(TextError::Empty) => {}
            Err(_) => refused.set(Some("This is too long for one message. Send it in parts.")),
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
        if let Some(field) = field.get_untracked() {
            dom::focus(&field);
        }
    };
    let note =
        Memo::new(move |_| result_note(refused.get(), hub.status(), waits.slow_mode_ms.get()));
    let label = context.label;
    let form = move || {
        view! {
            <form
                class="composer"
                on:submit=on_submit
                aria-label=move || format!("Write to {}", label.read().name())
            >
                <div class="composer-box">
                    <Field label draft refused node=field send />
                    <SendButton draft seconds=waits.seconds />
                </div>
                <Foot draft note seconds=waits.seconds />
            </form>
        }
    };
    move || match waits.write_block.get() {
        None => form().into_any(),
        Some(write_block) => {
            let (now, has_draft) = untrack(|| (waits.now.get(), !draft.with(str::is_empty)));
            view! { <div class="composer"><WriteBlocked write_block now has_draft /></div> }
                .into_any()
        }
    }
}

#[component]
fn SendButton(draft: Draft, seconds: Memo<u64>) -> impl IntoView {
    let is_disabled = move || seconds.get() > 0 || draft.with(|text| text.trim().is_empty());
    view! {
        <button
            type="submit"
            class="icon-button send"
            aria-label="Send"
            title="Send"
            disabled=is_disabled
        >
            <Icon glyph=Glyph::Send size=19 />
        </button>
    }
}

/// What the line under the field says.
fn result_note(refused: Option<&'static str>, status: Status, slow_mode_ms: u64) -> ResultNote {
    let is_connected = matches!(status, Status::Live | Status::Connecting);
    match (refused, is_connected) {
        (Some(words), _) => Some(("error", words.to_owned())),
        (None, true) if slow_mode_ms > 0 => {
            let interval = duration_text(slow_mode_ms);
            Some(("slow", format!("Slow mode: one message every {interval}.")))
        }
        (None, true) => None,
        (None, false) => {
            let words = "Not connected. Messages are sent when the connection is back.";
            Some(("offline", words.to_owned()))
        }
    }
}

/// What the reader has to wait for in this room before something can be said.
#[derive(Clone, Copy)]
struct Waits {
    context: RoomContext,
    interval: SlowModeTimer,
    now: RwSignal<Millis>,
    write_block: Memo<Option<WriteBlock>>,
    /// Milliseconds between two messages of the reader's; zero is no such rule.
    slow_mode_ms: Memo<u64>,
    /// Seconds until the next.
    seconds: Memo<u64>,
}

impl Waits {
    fn new(context: RoomContext) -> Self {
        let interval = expect_context::<SlowModeTimer>();
        let now = RwSignal::new(clock::now());
        let write_block =
            Memo::new(move |_| WriteBlock::of(&context.settings.read(), Timestamp(now.get().0)));
        let slow_mode_ms = Memo::new(move |_| {
            let settings = context.settings.read();
            let is_free = settings.may(RoomAction::BypassRestrictions);
            if is_free { 0 } else { settings.slow_mode_ms }
        });
        let seconds =
            Memo::new(move |_| interval.wait(&context.room(), slow_mode_ms.get(), now.get()));
        // Counts only while there is something to count.
        let counts = Memo::new(move |_| {
            seconds.get() > 0 || write_block.get().is_some_and(WriteBlock::ends)
        });
        Effect::new(move |_| {
            if counts.get() {
                now.set(clock::now());
                if let Ok(timer) = set_interval_with_handle(move || now.set(clock::now()), COUNT) {
                    on_cleanup(move || timer.clear());
                }
            }
        });
        Self {
            context,
            interval,
            now,
            write_block,
            slow_mode_ms,
            seconds,
        }
    }

    /// The reader has just said something.
    fn said(self) {
        if self.slow_mode_ms.get_untracked() > 0 {
            let now = clock::now();
            self.now.set(now);
            self.interval.said(&self.context.room(), now);
        }
    }
}

/// Where one writes to: `Message #garden`.
fn placeholder(label: &RoomLabel) -> String {
    match label.door {
        RoomKind::Public => format!("Message {}", label.written()),
        _ => format!("Message {}", label.name()),
    }
}

/// The field itself.
#[component]
fn Field(
    label: Memo<RoomLabel>,
    draft: Draft,
    refused: RwSignal<Option<&'static str>>,
    node: NodeRef<html::Textarea>,
    send: impl Fn() + Copy + 'static,
) -> impl IntoView {
    let actions = expect_context::<MessageActions>();
    let on_key = move |event: KeyboardEvent| {
        let (key, shift) = (event.key(), event.shift_key());
        let is_empty = untrack(|| draft.with(str::is_empty));
        if edits_last(&key, has_modifier(&event), is_empty) && actions.edit_last() {
            event.prevent_default();
        } else if key_action(&key, shift, event.is_composing(), event.key_code()) == KeyAction::Send
        {
            event.prevent_default();
            send();
        }
    };
    view! {
        <div class="grower" data-text=move || draft.get()>
            <textarea
                node_ref=node
                rows="1"
                id="composer-text"
                autocomplete="off"
                enterkeyhint="send"
                dir="auto"
                placeholder=move || placeholder(&label.read())
                aria-label=move || format!("Message to {}", label.read().name())
                aria-describedby="composer-note"
                prop:value=move || draft.get()
                on:input:target=move |event| {
                    draft.set(event.target().value());
                    refused.set(None);
                }
                on:keydown=on_key
            ></textarea>
        </div>
    }
}

fn has_modifier(event: &KeyboardEvent) -> bool {
    event.shift_key() || event.ctrl_key() || event.alt_key() || event.meta_key()
}

/// The line under the field: what is wrong, or how it is used; and what room is left.
#[component]
fn Foot(draft: Draft, note: Memo<ResultNote>, seconds: Memo<u64>) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let count = Memo::new(move |_| draft.with(|text| counter(text, &hub.limits())));
    view! {
        <div class="composer-foot">
            <p
                class="composer-note"
                id="composer-note"
                data-kind=move || note.get().map(|note| note.0)
                aria-live="polite"
            >
                {move || match note.get() {
                    Some((_, words)) => words.into_any(),
                    None => view! {
                        <span class="not-small">
                            <kbd>"Enter"</kbd>" sends, "<kbd>"Shift+Enter"</kbd>" breaks the line"
                        </span>
                    }
                    .into_any(),
                }}
            </p>
            {move || (note.get().is_some_and(|note| note.0 == "offline")).then(|| view! {
                <button
                    type="button"
                    class="text-button retry-now only-small"
                    on:click=move |_| hub.retry_now()
                >
                    "Retry now"
                </button>
            })}
            // Not part of what is read out: nobody listens to a countdown.
            {move || (seconds.get() > 0).then(|| view! {
                <span class="counter wait" aria-hidden="true">{seconds}" s"</span>
            })}
            {move || count.get().map(|count| view! {
                <span class="counter" data-over=count.is_over.to_string()>{count.text}</span>
            })}
        </div>
    }
}

/// Users who open a room want to write; on a phone the keyboard would cover half of it.
fn take_keyboard(field: NodeRef<html::Textarea>) {
    Effect::new(move |_| {
        if let Some(field) = field.get()
            && page::has_pointer()
        {
            dom::focus(&field);
        }
    });
}

/// Words that were not taken come back: a message's into the field, an edit's to its message.
fn take_back(hub: Hub, draft: Draft, refused: RwSignal<Option<&'static str>>, room: RoomName) {
    let actions = expect_context::<MessageActions>();
    let take = move |command: &Command| {
        let target_room = match command {
            Command::Send { room, .. }
            | Command::Edit { room, .. }
            | Command::Delete { room, .. }
            | Command::React { room, .. } => room,
            _ => return,
        };
        if *target_room != room {
            return;
        }
        match command {
            Command::Send {
                content: Some(words),
                ..
            } => draft.restore(words.as_str()),
            Command::Edit {
                target,
                content: Some(words),
                ..
            } => actions.edit(*target, words.as_str()),
            _ => {}
        }
        refused.set(Some(
            "Too many messages are waiting to be sent. Try again later.",
        ));
    };
    Effect::watch(
        move || hub.rejected_command(),
        move |command, _, _| {
            if let Some(command) = command {
                take(command);
            }
        },
        false,
    );
}
