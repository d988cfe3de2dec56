//! The dialog that sends an announcement.

use crate::components::controls::dialog::{Dialog, DialogHandle};
use crate::platform::dom;
use crate::state::compose::content;
use crate::state::hub::Hub;
use common::client::Command;
use common::text::TextError;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

/// The dialog.
#[component]
pub fn AnnounceDialog() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let handle = DialogHandle::new();
    let text = RwSignal::new(String::new());
    let error = RwSignal::new(None::<&'static str>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let limits = untrack(|| hub.limits());
        match text.with_untracked(|text| content(text, &limits)) {
            Ok(content) => {
                hub.send(Command::Broadcast {
                    content: Some(content),
                    data: None,
                });
                handle.close();
            }
            Err(reason) => {
                error.set(Some(match reason {
                    TextError::Empty => "Type the announcement first.",
                    _ => "This is too long for one announcement.",
                }));
                dom::focus_id("announce-text");
            }
        }
    };
    view! {
        <Dialog handle class="announce-dialog" title="Announce to everyone">
            <form on:submit=submit novalidate>
                <div class="field">
                    <label for="announce-text">"Announcement"</label>
                    <textarea
                        id="announce-text"
                        aria-describedby="announce-note"
                        aria-invalid=move || error.get().is_some().to_string()
                        prop:value=move || text.get()
                        on:input:target=move |event| {
                            text.set(event.target().value());
                            error.set(None);
                        }
                    ></textarea>
                    <p
                        class="field-note"
                        id="announce-note"
                        data-kind=move || error.get().is_some().then_some("error")
                        aria-live="polite"
                    >
                        {move || error.get().unwrap_or("Everyone sees it, in every room.")}
                    </p>
                </div>
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=move |_| handle.close()>
                        "Cancel"
                    </button>
                    <button type="submit" class="button primary">"Announce"</button>
                </div>
            </form>
        </Dialog>
    }
}
