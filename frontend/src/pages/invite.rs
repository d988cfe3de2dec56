//! The door that an invitation opens. Its code stands behind the `#` of the address, which browsers
//! send to no server; it is read from there, used, and kept nowhere.

use crate::api::{self, ApiError};
use crate::components::controls::icon::{Glyph, Icon};
use crate::platform::history;
use crate::state::navigator::Navigator;
use crate::state::room_entry::RoomEntry;
use crate::state::room_text::refusal;
use common::ErrorCode;
use common::api::rooms::InvitationPreview;
use common::token::Token;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Reads the code.
fn code() -> Option<Token> {
    history::fragment().parse().ok()
}

fn members(count: usize) -> String {
    match count {
        1 => "1 member".to_owned(),
        _ => format!("{count} members"),
    }
}

/// The page.
#[component]
pub fn Invite() -> impl IntoView {
    let looked = RwSignal::new(None::<Result<InvitationPreview, ApiError>>);
    let code_here = RwSignal::new(code());
    let load = move || {
        if let Some(code) = code_here.get_untracked() {
            spawn_local(async move {
                let answer = api::rooms::look(code).await;
                // The reader may have gone on.
                let _ = looked.try_set(Some(answer));
            });
        }
    };
    load();
    // Another link was put into the address bar of the same page.
    let changed = window_event_listener_untyped("hashchange", move |_| {
        code_here.set(code());
        load();
    });
    on_cleanup(move || changed.remove());
    move || match (code_here.get(), looked.get()) {
        (None, _) => view! {
            <Dead
                title="This invitation is not valid"
                words="This link is incomplete. Copy the whole link and try again.".to_owned()
            />
        }
        .into_any(),
        (Some(_), None) => view! {
            <div class="notice"><p role="status">"Checking the invitation"</p></div>
        }
        .into_any(),
        (Some(_), Some(Err(error))) => {
            let title = match error.code() {
                Some(ErrorCode::NoSuchInvitation) => "This invitation is not valid",
                _ => "This invitation cannot be checked now",
            };
            let again = Callback::new(move |()| load());
            view! { <Dead title words=refusal(&error) again /> }.into_any()
        }
        (Some(code), Some(Ok(look))) => view! { <Open code look /> }.into_any(),
    }
}

/// The invitation holds.
#[component]
fn Open(code: Token, look: InvitationPreview) -> impl IntoView {
    let entry_ways = RoomEntry::here();
    let navigator = expect_context::<Navigator>();
    let error = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let is_member = look.room.is_some();
    let room = look.room.clone();
    let join = move |_| {
        if let Some(room) = &room {
            return navigator.redirect(room);
        }
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        let code = code.clone();
        spawn_local(async move {
            if let Err(words) = entry_ways.invited(code).await {
                let _ = error.try_set(Some(words));
                let _ = is_busy.try_set(false);
            }
        });
    };
    let words = match is_member {
        true => "You are already a member.".to_owned(),
        false => format!(
            "{} invites you into this private room. It has {}.",
            look.by.name,
            members(look.members)
        ),
    };
    view! {
        <div class="notice invite">
            <Icon glyph=Glyph::Lock size=32 />
            <h1 dir="auto">{look.title.to_string()}</h1>
            {look.topic.map(|topic| view! { <p class="invite-topic" dir="auto">{topic.to_string()}</p> })}
            <p class="invite-by">{words}</p>
            <p class="field-note" data-kind="error" role="alert">{move || error.get()}</p>
            <div class="notice-actions">
                <button
                    type="button"
                    class="button primary join"
                    aria-disabled=move || is_busy.get().to_string()
                    on:click=join
                >
                    {if is_member { "Open the room" } else { "Join" }}
                </button>
                <NotNow />
            </div>
        </div>
    }
}

/// The invitation is not valid, or cannot be checked now.
#[component]
fn Dead(
    title: &'static str,
    words: String,
    #[prop(optional)] again: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <div class="notice invite" role="alert">
            <h1>{title}</h1>
            <p>{words}</p>
            <div class="notice-actions">
                {again.map(|again| view! {
                    <button type="button" class="button again" on:click=move |_| again.run(())>
                        "Try again"
                    </button>
                })}
                <NotNow />
            </div>
        </div>
    }
}

/// The way on, away from a door. The address is replaced, and the code with it.
#[component]
fn NotNow() -> impl IntoView {
    let navigator = expect_context::<Navigator>();
    view! {
        <button type="button" class="button go-on" on:click=move |_| navigator.home()>
            "Go to my rooms"
        </button>
    }
}
