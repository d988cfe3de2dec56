//! The audit log, for admins, newest first.

use crate::api;
use crate::components::controls::fetched::{Loaded, Refused, Show};
use crate::platform::clock;
use crate::state::audit::{KnownNames, action_text, actor};
use crate::state::fetched::Fetched;
use common::api::{AuditEntry, AuditPage};
use leptos::prelude::*;
use leptos::task::spawn_local;

type Log = Fetched<AuditPage>;

/// The log.
#[component]
pub fn AuditLog() -> impl IntoView {
    let log = Log::new();
    let fetch = Callback::new(move |()| log.fetch(api::admin::audit(None)));
    fetch.run(());
    let names = RwSignal::new(KnownNames::new());
    // Without them the entries show ids.
    spawn_local(async move {
        let accounts = api::admin::accounts().await.unwrap_or_default();
        let keys = api::admin::keys().await.unwrap_or_default();
        let accounts = accounts
            .into_iter()
            .map(|one| (one.user.id.to_string(), one.user));
        let keys = keys.into_iter().map(|one| (one.id.to_string(), one.user));
        let known = accounts.chain(keys);
        let _ = names.try_set(
            known
                .map(|(id, user)| (id, user.name.to_string()))
                .collect(),
        );
    });
    let show = Show::new(move |page: AuditPage| view! { <Entries page names log /> });
    view! {
        <section class="sheet-section" aria-labelledby="audit-title">
            <h2 id="audit-title">"Recorded actions"</h2>
            <Loaded fetched=log again=fetch show />
            <Refused fetched=log />
        </section>
    }
}

#[component]
fn Entries(page: AuditPage, names: RwSignal<KnownNames>, log: Log) -> impl IntoView {
    let oldest = page.entries.last().map(|entry| entry.id);
    let more = move |_| {
        log.change(
            async move { api::admin::audit(oldest).await },
            |page: &mut AuditPage, next: AuditPage| {
                page.entries.extend(next.entries);
                page.more = next.more;
            },
        );
    };
    let line = move |entry| view! { <Line entry names /> };
    view! {
        <ol class="lines audit-lines">{page.entries.into_iter().map(line).collect_view()}</ol>
        {page.more.then(|| view! {
            <div class="sheet-actions">
                <button type="button" class="button load-more" on:click=more>"Older entries"</button>
            </div>
        })}
    }
}

#[component]
fn Line(entry: AuditEntry, names: RwSignal<KnownNames>) -> impl IntoView {
    let at = entry.at;
    let from = entry
        .origin
        .clone()
        .map(|origin| format!(" · from {origin}"));
    let (id, act, who) = (entry.id, entry.act.as_str(), actor(&entry));
    view! {
        <li class="line audit-line" data-id=id.to_string() data-act=act>
            <div class="line-words">
                <p>
                    <strong class="author" dir="auto">{who}</strong> " "
                    {move || names.with(|names| action_text(&entry, names))}
                </p>
                <p class="line-note">
                    <time datetime=at.to_string() title=clock::full_text(at)>
                        {clock::day_text(at)} ", " {clock::time_text(at)}
                    </time>
                    {from}
                </p>
            </div>
        </li>
    }
}
