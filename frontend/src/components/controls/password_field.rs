//! A labelled field for a password, which can be shown, with a note that turns into the reason when
//! it is refused.

use crate::components::controls::icon::{Glyph, Icon};
use leptos::prelude::*;

/// A labelled field for a password. Typing clears the refusal.
#[component]
pub fn PasswordField(
    /// The field's id; the note has it too, with `-note` behind.
    id: &'static str,
    /// What to type.
    label: &'static str,
    /// `current-password` or `new-password`, by which a password manager knows what it is.
    autocomplete: &'static str,
    /// What stands below while nothing is wrong.
    #[prop(default = "")]
    note: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// Why it was refused.
    error: RwSignal<Option<String>>,
) -> impl IntoView {
    let is_shown = RwSignal::new(false);
    let note_id = format!("{id}-note");
    let words = move || {
        if is_shown.get() {
            "Hide the password"
        } else {
            "Show the password"
        }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <div class="password-box">
                <input
                    id=id
                    name=id
                    type=move || if is_shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="go"
                    aria-describedby=note_id.clone()
                    aria-invalid=move || error.with(Option::is_some).to_string()
                    prop:value=move || value.get()
                    on:input:target=move |event| {
                        value.set(event.target().value());
                        error.set(None);
                    }
                />
                <button
                    type="button"
                    class="icon-button reveal"
                    aria-label=words
                    title=words
                    aria-pressed=move || is_shown.get().to_string()
                    aria-controls=id
                    on:click=move |_| is_shown.update(|shown| *shown = !*shown)
                >
                    {move || {
                        let glyph = if is_shown.get() { Glyph::EyeShut } else { Glyph::Eye };
                        view! { <Icon glyph /> }
                    }}
                </button>
            </div>
            <p
                class="field-note"
                id=note_id
                data-kind=move || error.with(Option::is_some).then_some("error")
                aria-live="polite"
            >
                {move || error.get().unwrap_or_else(|| note.to_owned())}
            </p>
        </div>
    }
}
