//! Users online in the room: a column on wide screens, a drawer on others.

use crate::components::controls::avatar::Avatar;
use crate::components::controls::icon::{Glyph, Icon};
use crate::components::controls::keyed_list::{KeyedList, list_items};
use crate::components::room::leave_button::LeaveButton;
use crate::state::error_text::people;
use crate::state::hub::Hub;
use crate::state::ui::{DialogKind, Ui};
use common::client::RoomPart;
use common::ids::UserId;
use common::text::RoomName;
use common::user::User;
use leptos::prelude::*;
use std::sync::Arc;

/// Puts the reader first; the others stay in their order.
fn me_first(mut users: Vec<User>, me: &UserId) -> Vec<User> {
    if let Some(own) = users.iter().position(|user| user.id == *me) {
        let me = users.remove(own);
        users.insert(0, me);
    }
    users
}

/// Who is in a room.
#[component]
pub fn MemberPanel(
    /// The room.
    room: RoomName,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let ui = expect_context::<Ui>();
    let me = hub.me().id;
    let source = room.clone();
    let presence = Memo::new(move |_| {
        hub.with_room(&source, &[RoomPart::Presence], |view| {
            let users = view
                .presence()
                .users()
                .map(|users| me_first(users.to_vec(), &me));
            (view.presence().count(), users)
        })
        .unwrap_or_default()
    });
    let count = move || presence.read().0;
    let is_counted_only = move || count() > 0 && presence.read().1.is_none();
    let items = move || {
        list_items(
            presence.get().1.unwrap_or_default(),
            |user| format!("{}\n{}", user.id, user.name),
            |user| view! { <Person user /> }.into_any(),
        )
    };
    view! {
        <aside
            class="people"
            id="people"
            tabindex="-1"
            aria-label="Who is here"
            data-count=move || count().to_string()
        >
            <div class="bar">
                <h2>{move || format!("{} here", people(count()))}</h2>
                <div class="bar-space"></div>
                <button
                    type="button"
                    class="icon-button only-narrow"
                    aria-label="Close the list of people"
                    on:click=move |_| ui.drawer.set(None)
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </div>
            <div class="scroll">
                <ul class="people-list">
                    <KeyedList items=Arc::new(items) />
                </ul>
                <p class="people-note" hidden=move || !is_counted_only()>
                    "Too many people to list."
                </p>
            </div>
            <div class="people-foot only-small">
                <LeaveButton room words=true />
            </div>
        </aside>
    }
}

/// One line of the list.
#[component]
fn Person(
    /// Who.
    user: User,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let ui = expect_context::<Ui>();
    let is_me = user.id == hub.me().id;
    let (id, name) = (user.id.to_string(), user.name.to_string());
    let line = view! {
        <Avatar user=user.id.clone() name=user.name.clone() small=true />
        <span class="name" dir="auto" title=name.clone()>{name.clone()}</span>
    };
    if is_me {
        return view! {
            <li class="person" data-user=id>{line}<span class="you">"(you)"</span></li>
        }
        .into_any();
    }
    view! {
        <li class="person" data-user=id>
            <button
                type="button"
                class="person-open"
                aria-haspopup="dialog"
                on:click=move |_| ui.ask(DialogKind::Person(user.clone()))
            >
                {line}
            </button>
        </li>
    }
    .into_any()
}
