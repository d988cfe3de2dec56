//! Creating an account, for a new user or for the current guest.

use crate::components::controls::field::TextField;
use crate::components::controls::password_field::PasswordField;
use crate::platform::dom;
use crate::state::entry::Field;
use crate::state::error_text::{api_error_text, name_error_text, password_error_text};
use crate::state::session::SessionState;
use common::limits::NAME_CHARS_MAX;
use common::text::UserName;
use common::token::Password;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

const CLAIM_NOTE: &str = "The server prints it when it starts.";

/// What is typed, and what is wrong with it.
#[derive(Clone, Copy)]
struct Typed {
    name: RwSignal<String>,
    password: RwSignal<String>,
    claim: RwSignal<String>,
    name_error: RwSignal<Option<String>>,
    password_error: RwSignal<Option<String>>,
    claim_error: RwSignal<Option<String>>,
    /// The server wants the code although it did not say so before.
    wants_claim: RwSignal<bool>,
    is_busy: RwSignal<bool>,
}

impl Typed {
    fn new(name: String) -> Self {
        Self {
            name: RwSignal::new(name),
            password: RwSignal::new(String::new()),
            claim: RwSignal::new(String::new()),
            name_error: RwSignal::new(None),
            password_error: RwSignal::new(None),
            claim_error: RwSignal::new(None),
            wants_claim: RwSignal::new(false),
            is_busy: RwSignal::new(false),
        }
    }

    /// Says what is wrong where it is wrong. The form may be gone by now.
    fn refuse(self, field: Field, words: String) {
        let _ = self.is_busy.try_set(false);
        let (error, id) = match field {
            Field::Name => (self.name_error, "sign-up-name"),
            Field::Password => (self.password_error, "sign-up-password"),
            Field::Claim => {
                let _ = self.wants_claim.try_set(true);
                (self.claim_error, "claim-code")
            }
        };
        let _ = error.try_set(Some(words));
        request_animation_frame(move || dom::focus_id(id));
    }

    fn submit(self, session: SessionState) {
        let name = match self
            .name
            .with_untracked(|name| name.trim().parse::<UserName>())
        {
            Ok(name) => name,
            Err(reason) => return self.refuse(Field::Name, name_error_text(reason)),
        };
        let password = self.password.get_untracked();
        if let Some(words) = password_error_text(&password) {
            return self.refuse(Field::Password, words);
        }
        let claim = self.claim.with_untracked(|claim| claim.trim().to_owned());
        let claim = (!claim.is_empty()).then_some(claim);
        self.is_busy.set(true);
        spawn_local(async move {
            let password = Password::from(password);
            if let Err(reason) = session.sign_up(name, password, claim).await {
                self.refuse(Field::of(&reason), api_error_text(&reason));
            }
        });
    }
}

/// The form.
#[component]
pub fn SignUpForm(
    /// The guest's name, which the account keeps.
    #[prop(default = None)]
    guest: Option<UserName>,
) -> impl IntoView {
    let session = expect_context::<SessionState>();
    let is_guest = guest.is_some();
    let typed = Typed::new(guest.map(|name| name.to_string()).unwrap_or_default());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !typed.is_busy.get_untracked() {
            typed.submit(session);
        }
    };
    let wants_claim = move || session.ways().claim_code || typed.wants_claim.get();
    let note = format!("Up to {NAME_CHARS_MAX} characters. Everyone here sees it.");
    view! {
        <form class="sign-up-form" method="post" on:submit=submit novalidate>
            {if is_guest {
                view! { <KeptName name=typed.name error=typed.name_error /> }.into_any()
            } else {
                view! {
                    <TextField
                        id="sign-up-name"
                        label="Name"
                        placeholder=""
                        autocomplete="username"
                        note
                        value=typed.name
                        error=typed.name_error
                    />
                }
                .into_any()
            }}
            <PasswordField
                id="sign-up-password"
                label="Password"
                autocomplete="new-password"
                note="At least 8 characters."
                value=typed.password
                error=typed.password_error
            />
            {move || wants_claim().then(|| view! {
                <TextField
                    id="claim-code"
                    label="Claim code"
                    placeholder=""
                    note=CLAIM_NOTE
                    value=typed.claim
                    error=typed.claim_error
                />
            })}
            <button
                type="submit"
                class="button primary"
                aria-disabled=move || typed.is_busy.get().to_string()
            >
                {move || if typed.is_busy.get() { "One moment…" } else { "Create account" }}
            </button>
        </form>
    }
}

/// The guest's name, which does not change; a password manager wants to know it.
#[component]
fn KeptName(name: RwSignal<String>, error: RwSignal<Option<String>>) -> impl IntoView {
    view! {
        <div class="field">
            <label for="sign-up-name">"Name"</label>
            <input
                id="sign-up-name"
                name="sign-up-name"
                type="text"
                autocomplete="username"
                readonly
                aria-describedby="sign-up-name-note"
                prop:value=move || name.get()
            />
            <p
                class="field-note"
                id="sign-up-name-note"
                data-kind=move || error.with(Option::is_some).then_some("error")
                aria-live="polite"
            >
                {move || error.get().unwrap_or_else(|| "You keep it, with all your messages.".to_owned())}
            </p>
        </div>
    }
}
