//! What can be done with a message: a toolbar under the pointer, and the button that opens it for
//! fingers and keys.

use crate::components::icon::{Glyph, Icon};
use crate::components::palette::Palette;
use crate::components::toolbar::Toolbar;
use crate::platform::{clipboard, dom};
use crate::state::acts::{Acts, Panel, more_id};
use crate::state::hub::Hub;
use crate::state::shown::{Offers, ShownMessage};
use crate::state::ui::{DialogKind, Ui};
use common::event::MessagePosted;
use common::ids::Seq;
use common::user::User;
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The button, and the toolbar while it is wanted.
#[component]
pub fn MessageActs(
    /// The message.
    shown: Memo<ShownMessage>,
    /// What is open on it.
    panel: Memo<Option<Panel>>,
) -> impl IntoView {
    let acts = expect_context::<Acts>();
    let seq = shown.with_untracked(|shown| shown.message.seq);
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && panel.get_untracked().is_some() {
            event.stop_propagation();
            acts.close_and_return(seq, true);
        }
    };
    view! {
        <div class="message-acts" on:keydown=on_key>
            {move || match panel.get() {
                Some(Panel::Menu) => view! { <Menu shown /> }.into_any(),
                Some(Panel::Palette) => view! { <Palette shown /> }.into_any(),
                _ => ().into_any(),
            }}
            <More shown />
        </div>
    }
}

/// Opens the toolbar. One of these in a timeline can be reached with Tab; the arrows lead from there
/// to those of the other messages.
#[component]
fn More(shown: Memo<ShownMessage>) -> impl IntoView {
    let acts = expect_context::<Acts>();
    let entrance = expect_context::<Entrance>();
    let (seq, author) =
        shown.with_untracked(|shown| (shown.message.seq, shown.message.from.to_string()));
    let on_key = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowUp" => -1,
            "ArrowDown" => 1,
            _ => return,
        };
        event.prevent_default();
        acts.close();
        dom::focus_beside(&event, ".timeline", ".message .more", step);
    };
    let turn = move |_| {
        if untrack(|| acts.is_open(seq)) {
            acts.close();
        } else {
            acts.open(seq, Panel::Menu);
        }
    };
    view! {
        <button
            type="button"
            class="icon-button more"
            id=more_id(seq)
            aria-label=format!("Actions for the message of {author}")
            aria-expanded=move || acts.is_open(seq).to_string()
            tabindex=move || if entrance.0.get() == Some(seq) { "0" } else { "-1" }
            on:focus=move |_| acts.set_at(seq)
            on:keydown=on_key
            on:click=turn
        >
            <Icon glyph=Glyph::More />
        </button>
    }
}

/// Where the Tab key enters a timeline.
#[derive(Clone, Copy)]
pub struct Entrance(pub Memo<Option<Seq>>);

/// The toolbar. One that comes under the pointer leaves the keyboard where it is.
#[component]
fn Menu(shown: Memo<ShownMessage>) -> impl IntoView {
    let acts = expect_context::<Acts>();
    let me = expect_context::<Hub>().me().id;
    let seq = shown.with_untracked(|shown| shown.message.seq);
    let ui = expect_context::<Ui>();
    let may = move |action| acts.place.may(action);
    let offers = Memo::new(move |_| Offers::of(&shown.read().message, &me, may));
    let is_asked_for = untrack(|| acts.is_open(seq));
    let edit = move || acts.edit(seq, &text(shown).unwrap_or_default());
    let react = move || acts.open(seq, Panel::Palette);
    let delete = move || acts.open(seq, Panel::Confirm);
    let author = move || {
        // Where the keyboard is when the dialog has closed.
        dom::focus_id(&more_id(seq));
        acts.close();
        ui.ask(DialogKind::Person(
            shown.with_untracked(|shown| author(&shown.message)),
        ));
    };
    move || {
        let offers = offers.get();
        let can_copy = offers.copy && clipboard::is_there();
        view! {
            <Toolbar class="menu" label="What to do with this message" takes_keyboard=is_asked_for>
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

fn text(shown: Memo<ShownMessage>) -> Option<String> {
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
fn Copy(shown: Memo<ShownMessage>) -> impl IntoView {
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
