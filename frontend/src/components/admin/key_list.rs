//! The list of API keys, for admins.

use crate::api;
use crate::components::admin::key_form::{CreatedKeyNotice, KeyForm};
use crate::components::controls::fetched::{Loaded, Refused, Show};
use crate::platform::{clock, dom};
use crate::state::fetched::Fetched;
use common::api::{CreatedKey, KeySummary};
use leptos::prelude::*;

/// The keys as they are fetched.
type Keys = Fetched<Vec<KeySummary>>;

/// The keys.
#[component]
pub fn KeyAdmin() -> impl IntoView {
    let keys = Keys::new();
    let fetch = Callback::new(move |()| keys.fetch(api::admin::keys()));
    fetch.run(());
    let made = RwSignal::new(None::<CreatedKey>);
    let keep = Callback::new(move |key: CreatedKey| {
        made.set(Some(key));
        fetch.run(());
    });
    let show = Show::new(move |list: Vec<KeySummary>| {
        if list.is_empty() {
            return view! { <p class="sheet-words">"There are none yet."</p> }.into_any();
        }
        let line = |one| view! { <Line one keys /> };
        view! { <ul class="lines">{list.into_iter().map(line).collect_view()}</ul> }.into_any()
    });
    view! {
        <section class="sheet-section" aria-labelledby="new-key-title">
            <h2 id="new-key-title">"A new key"</h2>
            <p class="sheet-words">
                "Programs authenticate with a key. Each key has a name of its own, and its scopes limit what it can do."
            </p>
            {move || match made.get() {
                Some(key) => {
                    let done = Callback::new(move |()| {
                        made.set(None);
                        request_animation_frame(|| dom::focus_id("key-name"));
                    });
                    view! { <CreatedKeyNotice key done /> }.into_any()
                }
                None => view! { <KeyForm made=keep /> }.into_any(),
            }}
        </section>
        <section class="sheet-section" aria-labelledby="keys-title">
            <h2 id="keys-title">"Keys"</h2>
            <Refused fetched=keys />
            <Loaded fetched=keys again=fetch show />
        </section>
    }
}

#[component]
fn Line(one: KeySummary, keys: Keys) -> impl IntoView {
    let is_asked = RwSignal::new(false);
    let name = one.user.name.to_string();
    let note = format!(
        "{} · since {}",
        one.scopes.replace(',', ", "),
        clock::date_text(one.created_at)
    );
    let id = one.id.clone();
    let revoke = Callback::new(move |()| {
        let (asked, gone) = (id.clone(), id.clone());
        keys.change(
            async move { api::admin::revoke_key(&asked).await },
            move |list: &mut Vec<KeySummary>, ()| list.retain(|one| one.id != gone),
        );
    });
    let label = format!("Revoke {name}");
    let question = format!("Revoke {name}? Programs that use it are disconnected immediately.");
    view! {
        <li class="line key-line" data-key=one.id.to_string()>
            <div class="line-words">
                <p class="line-name" dir="auto">{name}</p>
                <p class="line-note">{note}</p>
            </div>
            <button
                type="button"
                class="button small revoke"
                aria-label=label
                aria-expanded=move || is_asked.get().to_string()
                on:click=move |_| is_asked.update(|asked| *asked = !*asked)
            >
                "Revoke"
            </button>
            {move || is_asked.get().then(|| view! {
                <div class="confirm" role="alertdialog" aria-label=question.clone()>
                    <p>{question.clone()}</p>
                    <button type="button" class="button small danger confirm-revoke" on:click=move |_| revoke.run(())>
                        "Revoke"
                    </button>
                    <button type="button" class="button small" on:click=move |_| is_asked.set(false)>
                        "Keep"
                    </button>
                </div>
            })}
        </li>
    }
}
