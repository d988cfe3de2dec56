//! Invitation links to a private room.

use crate::api;
use crate::components::controls::choice::{Choice, Options, span_ms};
use crate::components::controls::copy_line::CopyLine;
use crate::components::controls::fetched::{Loaded, Show};
use crate::components::controls::result_note::{ResultNote, ResultText};
use crate::platform::history;
use crate::state::fetched::Fetched;
use crate::state::room_context::RoomContext;
use crate::state::room_text::{refusal, until_text};
use crate::state::ui::Ui;
use common::api::rooms::{CreateInvitation, InvitationSummary};
use common::text::RoomName;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How long a link may hold, in milliseconds.
const TERMS: Options = &[
    ("3600000", "1 hour"),
    ("86400000", "1 day"),
    ("604800000", "7 days"),
    ("2592000000", "30 days"),
    ("7776000000", "90 days"),
];

/// How many may come by it.
const COUNTS: Options = &[
    ("", "Any number of people"),
    ("1", "1 person"),
    ("5", "5 people"),
    ("10", "10 people"),
    ("25", "25 people"),
    ("100", "100 people"),
];

/// How often it was used, and how often it may be.
fn uses_words(one: &InvitationSummary) -> String {
    let used = match one.used {
        0 => "not used yet".to_owned(),
        1 => "used once".to_owned(),
        many => format!("used {many} times"),
    };
    match one.uses_left {
        None => used,
        Some(left) => format!("{used}, {left} left"),
    }
}

/// The leaf.
#[component]
pub fn Invitations(
    /// The room.
    context: RoomContext,
) -> impl IntoView {
    let invitations = Fetched::new();
    let outcome = RwSignal::new(ResultText::None);
    let load = Callback::new(move |()| {
        let room = context.room();
        invitations.fetch(async move { api::rooms::invitations(&room).await });
    });
    load.run(());
    let show = Show::new(move |all: Vec<InvitationSummary>| match all.is_empty() {
        true => view! { <p class="list-note">"There are no active links."</p> }.into_any(),
        false => view! {
            <ul class="list invitations">
                {all.into_iter().map(|one| view! {
                    <Invitation room=context.room() one outcome changed=load />
                }).collect_view()}
            </ul>
        }
        .into_any(),
    });
    view! {
        <InvitationForm context outcome changed=load />
        <ResultNote outcome />
        <h3>"Active links"</h3>
        <Loaded fetched=invitations again=load show />
    }
}

/// Makes a link.
#[component]
fn InvitationForm(
    context: RoomContext,
    outcome: RwSignal<ResultText>,
    changed: Callback<()>,
) -> impl IntoView {
    let term = RwSignal::new("604800000".to_owned());
    let count = RwSignal::new(String::new());
    let link = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let wanted = CreateInvitation {
            for_ms: term.with_untracked(|key| span_ms(key)),
            uses: count.with_untracked(|key| key.parse().ok()),
        };
        let room = context.room();
        spawn_local(async move {
            match api::rooms::invite(&room, &wanted).await {
                Ok(made) => {
                    let path = format!("/invite#{}", made.code.expose());
                    let _ = link.try_set(history::full(&path));
                    let words = "Copy the link now. It is shown only once.";
                    let _ = outcome.try_set(Some(Ok(words.to_owned())));
                    changed.try_run(());
                }
                Err(error) => {
                    let _ = outcome.try_set(Some(Err(refusal(&error))));
                }
            }
        });
    };
    view! {
        <form class="invite-form" on:submit=submit novalidate>
            <p class="form-line">"Anyone with the link can become a member."</p>
            <div class="two">
                <Choice id="invite-term" label="Valid for" options=TERMS value=term />
                <Choice id="invite-count" label="For" options=COUNTS value=count />
            </div>
            <button type="submit" class="button primary make-invitation">"Create link"</button>
            {move || (!link.read().is_empty()).then(|| view! {
                <CopyLine id="invite-link" label="Invitation" text=link />
            })}
        </form>
    }
}

/// One that holds.
#[component]
fn Invitation(
    room: RoomName,
    one: InvitationSummary,
    outcome: RwSignal<ResultText>,
    changed: Callback<()>,
) -> impl IntoView {
    let ui = expect_context::<Ui>();
    let until = until_text(Some(one.expires_at), ui.minute.get_untracked());
    let words = format!("Valid {until}; {}", uses_words(&one));
    let by = format!("By {}", one.by.name);
    let id = one.id.clone();
    let take_back = move |_| {
        let (room, id) = (room.clone(), id.clone());
        spawn_local(async move {
            let answer = api::rooms::take_back(&room, &id).await;
            let words = answer
                .map(|()| "This link no longer works.".to_owned())
                .map_err(|error| refusal(&error));
            let _ = outcome.try_set(Some(words));
            changed.try_run(());
        });
    };
    view! {
        <li class="list-line invitation" data-id=one.id.to_string()>
            <div class="list-words">
                <span class="name" dir="auto">{by}</span>
                <span class="list-note">{words}</span>
            </div>
            <button type="button" class="button small take-back" on:click=take_back>
                "Revoke"
            </button>
        </li>
    }
}
