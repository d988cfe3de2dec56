//! The list of accounts, for admins: roles, and disabling.

use crate::api;
use crate::components::controls::avatar::Avatar;
use crate::components::controls::fetched::{Loaded, Refused, Show};
use crate::platform::clock;
use crate::state::error_text::role_text;
use crate::state::fetched::Fetched;
use crate::state::hub::Hub;
use common::api::AccountSummary;
use common::ids::UserId;
use common::role::Role;
use leptos::prelude::*;

type Accounts = Fetched<Vec<AccountSummary>>;

/// What an account can be made.
const ROLES: [Role; 3] = [Role::Member, Role::Moderator, Role::Admin];

/// The accounts.
#[component]
pub fn AccountAdmin() -> impl IntoView {
    let accounts = Accounts::new();
    let fetch = Callback::new(move |()| accounts.fetch(api::admin::accounts()));
    fetch.run(());
    let show = Show::new(move |list: Vec<AccountSummary>| {
        let line = |one| view! { <Line one accounts /> };
        view! { <ul class="lines">{list.into_iter().map(line).collect_view()}</ul> }
    });
    view! {
        <section class="sheet-section" aria-labelledby="accounts-title">
            <h2 id="accounts-title">"Accounts"</h2>
            <p class="sheet-words">
                "Who is disabled is signed out everywhere, at once. Your own account is changed by \
                 another admin, or on the command line."
            </p>
            <Refused fetched=accounts />
            <Loaded fetched=accounts again=fetch show />
        </section>
    }
}

/// Changes what is shown of one account.
fn update(list: &mut [AccountSummary], user: &UserId, change: impl FnOnce(&mut AccountSummary)) {
    if let Some(account) = list.iter_mut().find(|one| one.user.id == *user) {
        change(account);
    }
}

#[component]
fn Line(one: AccountSummary, accounts: Accounts) -> impl IntoView {
    let is_me = one.user.id == expect_context::<Hub>().me().id;
    let note = match one.disabled {
        true => "Disabled".to_owned(),
        false => format!("Since {}", clock::date_text(one.created_at)),
    };
    let (id, user, disabled) = (one.user.id.to_string(), one.user.id.clone(), one.disabled);
    let name = one.user.name.to_string();
    let turn = move |_| {
        let (asked, changed) = (user.clone(), user.clone());
        accounts.change(
            async move { api::admin::set_disabled(&asked, !disabled).await },
            move |list, ()| update(list, &changed, |one| one.disabled = !disabled),
        );
    };
    let (verb, class) = match disabled {
        true => ("Enable", "button small enable"),
        false => ("Disable", "button small disable"),
    };
    view! {
        <li
            class="line account-line"
            data-user=id.clone()
            data-role=one.role.as_str()
            data-disabled=disabled.to_string()
        >
            <Avatar user=one.user.id.clone() name=one.user.name.clone() small=true />
            <div class="line-words">
                <p class="line-name" dir="auto">{name.clone()}</p>
                <p class="line-note">{note}</p>
            </div>
            {if is_me {
                view! { <span class="chip">{role_text(one.role)} ", you"</span> }.into_any()
            } else {
                view! {
                    <RoleChoice user=one.user.id role=one.role name=name.clone() accounts />
                    <button
                        type="button"
                        class=class
                        id=format!("turn-{id}")
                        aria-label=format!("{verb} {name}")
                        on:click=turn
                    >
                        {verb}
                    </button>
                }
                .into_any()
            }}
        </li>
    }
}

#[component]
fn RoleChoice(user: UserId, role: Role, name: String, accounts: Accounts) -> impl IntoView {
    let id = format!("role-{user}");
    let choose = move |value: String| {
        let Ok(role) = value.parse::<Role>() else {
            return;
        };
        let (asked, changed) = (user.clone(), user.clone());
        accounts.change(
            async move { api::admin::set_role(&asked, role).await },
            move |list, ()| update(list, &changed, |one| one.role = role),
        );
    };
    let option = |one: Role| {
        view! { <option value=one.as_str() selected={one == role}>{role_text(one)}</option> }
    };
    view! {
        <select
            class="select role"
            id=id
            aria-label=format!("Role of {name}")
            on:change:target=move |event| choose(event.target().value())
        >
            {ROLES.map(option).collect_view()}
        </select>
    }
}
