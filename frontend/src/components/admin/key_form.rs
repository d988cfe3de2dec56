//! Creating an API key, which is shown once.

use crate::api;
use crate::components::controls::field::TextField;
use crate::platform::{clipboard, dom};
use crate::state::error_text::{api_error_text, name_error_text};
use common::api::CreatedKey;
use common::text::UserName;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What a key may cover, and what that means.
const SCOPES: [(&str, &str); 5] = [
    ("read", "Read rooms"),
    ("write", "Write in rooms"),
    ("broadcast", "Announce to everyone"),
    ("moderate", "Delete messages of others"),
    ("admin", "Manage accounts, keys and the audit log"),
];

/// The form.
#[component]
pub fn KeyForm(
    /// Given the key when it is made.
    made: Callback<CreatedKey>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let name_error = RwSignal::new(None::<String>);
    let scopes = RwSignal::new(vec!["read", "write"]);
    let scope_error = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let refuse = move |words: String| {
        let _ = name_error.try_set(Some(words));
        dom::focus_id("key-name");
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        let wanted = match name.with_untracked(|name| name.trim().parse::<UserName>()) {
            Ok(name) => name,
            Err(reason) => return refuse(name_error_text(reason)),
        };
        let covered = scopes.get_untracked().join(",");
        if covered.is_empty() {
            scope_error.set(Some("Select at least one scope.".to_owned()));
            dom::focus_id("scope-read");
            return;
        }
        is_busy.set(true);
        spawn_local(async move {
            match api::admin::make_key(wanted, covered).await {
                Ok(key) => made.run(key),
                Err(reason) => {
                    let _ = is_busy.try_set(false);
                    refuse(api_error_text(&reason));
                }
            }
        });
    };
    view! {
        <form class="key-form" on:submit=submit novalidate>
            <TextField
                id="key-name"
                label="Name of the program"
                placeholder="deploy-bot"
                note="Everyone sees it."
                value=name
                error=name_error
            />
            <fieldset class="choices" aria-describedby="scope-note">
                <legend>"Scopes"</legend>
                {SCOPES.map(|(scope, words)| view! { <Choice scope words scopes error=scope_error /> })
                    .collect_view()}
                <p
                    class="field-note"
                    id="scope-note"
                    data-kind=move || scope_error.with(Option::is_some).then_some("error")
                    aria-live="polite"
                >
                    {move || scope_error.get()}
                </p>
            </fieldset>
            <div class="sheet-actions">
                <button type="submit" class="button primary" aria-disabled=move || is_busy.get().to_string()>
                    "Create key"
                </button>
            </div>
        </form>
    }
}

#[component]
fn Choice(
    scope: &'static str,
    words: &'static str,
    scopes: RwSignal<Vec<&'static str>>,
    error: RwSignal<Option<String>>,
) -> impl IntoView {
    let turn = move |_| {
        error.set(None);
        scopes.update(|all| match all.iter().position(|one| *one == scope) {
            Some(at) => {
                all.remove(at);
            }
            None => all.push(scope),
        });
    };
    view! {
        <label class="choice-line">
            <input
                type="checkbox"
                id=format!("scope-{scope}")
                prop:checked=move || scopes.with(|all| all.contains(&scope))
                on:change=turn
            />
            <span>{words}</span>
        </label>
    }
}

/// A key that was made: here it is seen for the first and last time.
#[component]
pub fn CreatedKeyNotice(
    /// The key.
    key: CreatedKey,
    /// It was taken down.
    done: Callback<()>,
) -> impl IntoView {
    let secret = key.key.expose().to_owned();
    let copied = RwSignal::new(None::<bool>);
    let shown = secret.clone();
    let copy = move |_| {
        let secret = secret.clone();
        spawn_local(async move {
            let is_done = clipboard::copy(&secret).await;
            let _ = copied.try_set(Some(is_done));
        });
    };
    Effect::new(|_| dom::focus_id("made-key"));
    view! {
        <div class="made" role="status">
            <p>
                "Key of " <strong dir="auto">{key.user.name.to_string()}</strong>
                ". Copy it now: it is not shown again."
            </p>
            <code class="made-key" id="made-key" tabindex="-1">{shown}</code>
            <div class="sheet-actions">
                {clipboard::is_there().then(|| view! {
                    <button type="button" class="button copy-key" on:click=copy>
                        {move || match copied.get() {
                            None => "Copy",
                            Some(true) => "Copied",
                            Some(false) => "The browser does not allow it",
                        }}
                    </button>
                })}
                <button type="button" class="button primary key-taken" on:click=move |_| done.run(())>
                    "Done"
                </button>
            </div>
        </div>
    }
}
