//! The account's sign-ins, and ending them.

use crate::api::{self, ApiError};
use crate::components::account::sign_out_dialog::sign_out;
use crate::components::controls::fetched::{Loaded, Refused, Show};
use crate::platform::clock;
use crate::state::device::device_text;
use crate::state::fetched::Fetched;
use crate::state::hub::Hub;
use crate::state::session::SessionState;
use crate::state::ui::Ui;
use common::api::SignInSummary;
use leptos::prelude::*;

/// The sign-ins as they are fetched.
pub type SignIns = Fetched<Vec<SignInSummary>>;

/// The list.
#[component]
pub fn SignInList(
    /// The sign-ins.
    sign_ins: SignIns,
) -> impl IntoView {
    let again = Callback::new(move |()| sign_ins.fetch(api::account::sign_ins()));
    let show = Show::new(move |list| view! { <List list sign_ins /> });
    view! {
        <section class="sheet-section" aria-labelledby="sign-ins-title">
            <h2 id="sign-ins-title">"Your devices"</h2>
            <Loaded fetched=sign_ins again show />
            <Refused fetched=sign_ins />
        </section>
    }
}

#[component]
fn List(list: Vec<SignInSummary>, sign_ins: SignIns) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let ui = expect_context::<Ui>();
    let session = expect_context::<SessionState>();
    let mut list = list;
    // The reader's own stay is what the others are told from.
    list.sort_by_key(|one| !one.current);
    let has_others = list.iter().any(|one| !one.current);
    let end_others = move |_| {
        let kept = |list: &mut Vec<SignInSummary>, ()| list.retain(|one| one.current);
        sign_ins.change(api::account::end_other_sign_ins(), kept);
    };
    let end_all = move |_| {
        let ended = async move {
            api::account::end_other_sign_ins().await?;
            Ok::<(), ApiError>(())
        };
        sign_ins.change(ended, move |list, ()| {
            list.retain(|one| one.current);
            sign_out(hub, ui, session, |_| ());
        });
    };
    view! {
        <ul class="lines">
            {list
                .into_iter()
                .map(|one| view! { <Line one sign_ins /> })
                .collect_view()}
        </ul>
        {has_others.then(|| view! {
            <div class="sheet-actions">
                <button type="button" class="button end-others" on:click=end_others>
                    "Sign out all other devices"
                </button>
                <button type="button" class="button end-all" on:click=end_all>
                    "Sign out everywhere"
                </button>
            </div>
        })}
    }
}

#[component]
fn Line(one: SignInSummary, sign_ins: SignIns) -> impl IntoView {
    let times = format!(
        "Since {} · used {}, {}",
        clock::day_text(one.created_at),
        clock::day_text(one.seen_at),
        clock::time_text(one.seen_at),
    );
    let device = device_text(&one.label);
    let what = format!("Sign out {device}");
    let id = one.id.clone();
    let end = move |_| {
        let (ending, ended) = (id.clone(), id.clone());
        sign_ins.change(
            async move { api::account::end_sign_in(&ending).await },
            move |list: &mut Vec<SignInSummary>, ()| list.retain(|one| one.id != ended),
        );
    };
    view! {
        <li class="line" data-sign-in=one.id.to_string() data-current=one.current.to_string()>
            <div class="line-words">
                <p class="line-name" dir="auto" title=one.label>{device}</p>
                <p class="line-note">{times}</p>
            </div>
            {if one.current {
                view! { <span class="chip">"This device"</span> }.into_any()
            } else {
                view! {
                    <button type="button" class="button small end" aria-label=what on:click=end>
                        "Sign out"
                    </button>
                }
                .into_any()
            }}
        </li>
    }
}
