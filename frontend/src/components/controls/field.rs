//! A labelled field of one line, with a note that turns into the reason when it is refused.

use leptos::prelude::*;

/// A labelled field. Typing clears the refusal.
#[component]
pub fn TextField(
    /// The field's id; the note has it too, with `-note` behind.
    id: &'static str,
    /// What to type.
    label: &'static str,
    /// An example.
    placeholder: &'static str,
    /// What the browser may offer to fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What stands below while nothing is wrong.
    #[prop(into)]
    note: String,
    /// The text.
    value: RwSignal<String>,
    /// Why it was refused.
    error: RwSignal<Option<String>>,
) -> impl IntoView {
    let note_id = format!("{id}-note");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                type="text"
                autocomplete=autocomplete
                autocapitalize="off"
                spellcheck="false"
                enterkeyhint="go"
                placeholder=placeholder
                aria-describedby=note_id.clone()
                aria-invalid=move || error.with(Option::is_some).to_string()
                prop:value=move || value.get()
                on:input:target=move |event| {
                    value.set(event.target().value());
                    error.set(None);
                }
            />
            <p
                class="field-note"
                id=note_id
                data-kind=move || error.with(Option::is_some).then_some("error")
                aria-live="polite"
            >
                {move || error.get().unwrap_or_else(|| note.clone())}
            </p>
        </div>
    }
}
