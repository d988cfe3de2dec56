//! Asks before signing out would lose something.

use crate::components::controls::dialog::{Dialog, DialogHandle};
use crate::state::error_text::api_error_text;
use crate::state::hub::Hub;
use crate::state::session::SessionState;
use crate::state::ui::{DialogKind, Ui};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Signs out, and asks before where that would lose something. `refused` is told in words why the
/// server could not be told.
pub fn sign_out(hub: Hub, ui: Ui, session: SessionState, refused: impl Fn(String) + 'static) {
    if hub.unsent() > 0 {
        ui.ask(DialogKind::SignOut);
        return;
    }
    spawn_local(async move {
        if let Err(reason) = session.sign_out().await {
            refused(api_error_text(&reason));
        }
    });
}

/// The dialog.
#[component]
pub fn SignOutDialog() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let session = expect_context::<SessionState>();
    let ui = expect_context::<Ui>();
    let handle = DialogHandle::new();
    let error = RwSignal::new(None::<String>);
    let words = match hub.unsent() {
        1 => "One message has not been sent yet. Signing out discards it.".to_owned(),
        many => format!("{many} messages have not been sent yet. Signing out discards them."),
    };
    let sign_out = move |_| {
        spawn_local(async move {
            match session.sign_out().await {
                // The whole page goes, and this dialog with it.
                Ok(()) => ui.dialog.set(None),
                Err(reason) => error.set(Some(api_error_text(&reason))),
            }
        });
    };
    view! {
        <Dialog handle class="sign-out-dialog" title="Sign out?">
            <p>{words}</p>
            <p class="field-note" data-kind="error" aria-live="polite">
                {move || error.get()}
            </p>
            <div class="dialog-actions">
                <button type="button" class="button" on:click=move |_| handle.close()>"Stay"</button>
                <button type="button" class="button primary" on:click=sign_out>"Sign out"</button>
            </div>
        </Dialog>
    }
}
