//! What can be done with a message: a toolbar under the pointer, and the button that opens it for
//! fingers and keys.

use crate::components::controls::icon::{Glyph, Icon};
use crate::components::controls::lazy::Lazy;
use crate::components::controls::toolbar::Toolbar;
use crate::platform::{clipboard, dom};
use crate::state::hub::Hub;
use crate::state::lazy_view::LazyView;
use crate::state::message_actions::{MessageActions, Panel, more_id};
use crate::state::message_row::{AvailableActions, MessageRow};
use crate::state::ui::{DialogKind, Ui};
use common::event::MessagePosted;
use common::ids::Seq;
use common::user::User;
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The button, and the toolbar while it is wanted.
#[component]
pub fn MessageToolbar(
    /// The message.
    shown: Memo<MessageRow>,
    /// What is open on it.
    panel: Memo<Option<Panel>>,
) -> impl IntoView {
    let actions = expect_context::<MessageActions>();
    let seq = shown.with_untracked(|shown| shown.message.seq);
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && panel.get_untracked().is_some() {
            event.stop_propagation();
            actions.close_and_return(seq, true);
        }
    };
    view! {
        <div class="message-acts" on:keydown=on_key>
            {move || match panel.get() {
                Some(Panel::Menu) => view! { <Lazy view=LazyView::MessageMenu(shown) /> }.into_any(),
                Some(Panel::EmojiPicker) => view! { <Lazy view=LazyView::EmojiPicker(shown) /> }.into_any(),
                _ => ().into_any(),
            }}
            <More shown />
        </div>
    }
}

/// Opens the toolbar. One of these in a timeline can be reached with Tab; the arrows lead from there
/// to those of the other messages.
#[component]
fn More(shown: Memo<MessageRow>) -> impl IntoView {
    let actions = expect_context::<MessageActions>();
    let toolbar_entry = expect_context::<ToolbarEntry>();
    let (seq, author) =
        shown.with_untracked(|shown| (shown.message.seq, shown.message.from.to_string()));
    let on_key = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowUp" => -1,
            "ArrowDown" => 1,
            _ => return,
        };
        event.prevent_default();
        actions.close();
        dom::focus_beside(&event, ".timeline", ".message .more", step);
    };
    let turn = move |_| {
        if untrack(|| actions.is_open(seq)) {
            actions.close();
        } else {
            actions.open(seq, Panel::Menu);
        }
    };
    view! {
        <button
            type="button"
            class="icon-button more"
            id=more_id(seq)
            aria-label=format!("Actions for the message of {author}")
            aria-expanded=move || actions.is_open(seq).to_string()
            tabindex=move || if toolbar_entry.0.get() == Some(seq) { "0" } else { "-1" }
            on:focus=move |_| actions.set_focus_target(seq)
            on:keydown=on_key
            on:click=turn
        >
            <Icon glyph=Glyph::More />
        </button>
    }
}

/// Where the Tab key enters a timeline.
#[derive(Clone, Copy)]
pub struct ToolbarEntry(pub Memo<Option<Seq>>);

/// The toolbar. One that comes under the pointer leaves the keyboard where it is.
#[component]
pub fn Menu(
    /// The message.
    shown: Memo<MessageRow>,
) -> impl IntoView {
    let actions = expect_context::<MessageActions>();
    let me = expect_context::<Hub>().me().id;
    let seq = shown.with_untracked(|shown| shown.message.seq);
    let ui = expect_context::<Ui>();
    let may = move |action| actions.context.may(action);
    let offers = Memo::new(move |_| AvailableActions::of(&shown.read().message, &me, may));
    let is_asked_for = untrack(|| actions.is_open(seq));
    let edit = move || actions.edit(seq, &text(shown).unwrap_or_default());
    let react = move || actions.open(seq, Panel::EmojiPicker);
    let delete = move || actions.open(seq, Panel::Confirm);
    let author = move || {
        // Where the keyboard is when the dialog has closed.
        dom::focus_id(&more_id(seq));
        actions.close();
        ui.ask(DialogKind::Person(
            shown.with_untracked(|shown| author(&shown.message)),
        ));
    };
    move || {
        let offers = offers.get();
        let can_copy = offers.copy && clipboard::is_there();
        view! {
            <Toolbar class="menu" label="Message actions" takes_keyboard=is_asked_for>
                {offers.react.then(|| view! {
                    <Tool class="react" glyph=Glyph::Smile label="React" act=react />
                })}
                {offers.edit.then(|| view! {
                    <Tool class="edit" glyph=Glyph::Pencil label="Edit" act=edit />
                })}
                {can_copy.then(|| view! { <Copy shown /> })}
                {offers.author.then(|| view! {
                    <Tool class="about-author" glyph=Glyph::Person label="About the author" act=author />
                })}
                {offers.delete.then(|| view! {
                    <Tool class="delete" glyph=Glyph::Bin label="Delete" act=delete />
                })}
            </Toolbar>
        }
    }
}

/// Who wrote a message.
#[must_use]
pub fn author(message: &MessagePosted) -> User {
    User {
        id: message.user.clone(),
        name: message.from.clone(),
    }
}

fn text(shown: Memo<MessageRow>) -> Option<String> {
    shown.with_untracked(|shown| shown.message.content.as_ref().map(ToString::to_string))
}

/// A button of the toolbar.
#[component]
fn Tool(
    class: &'static str,
    glyph: Glyph,
    label: &'static str,
    act: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=format!("icon-button {class}")
            aria-label=label
            title=label
            on:click=move |_| act()
        >
            <Icon glyph size=17 />
        </button>
    }
}

/// Copies the text, and says so.
#[component]
fn Copy(shown: Memo<MessageRow>) -> impl IntoView {
    let result = RwSignal::new(None::<bool>);
    let copy = move |_: MouseEvent| {
        let text = text(shown);
        spawn_local(async move {
            let is_done = clipboard::copy(&text.unwrap_or_default()).await;
            // The toolbar may be gone by now.
            let _ = result.try_set(Some(is_done));
        });
    };
    let words = move || match result.get() {
        None => "Copy text",
        Some(true) => "Copied",
        Some(false) => "The browser does not allow it",
    };
    view! {
        <button
            type="button"
            class="icon-button copy"
            aria-label=words
            title=words
            data-copied=move || result.get().map(|is_done| is_done.to_string())
            on:click=copy
        >
            {move || {
                let glyph = match result.get() {
                    None => Glyph::Copy,
                    Some(true) => Glyph::Check,
                    Some(false) => Glyph::Alert,
                };
                view! { <Icon glyph size=17 /> }
            }}
        </button>
        <span class="unseen" role="status">{move || result.get().map(|_| words())}</span>
    }
}
