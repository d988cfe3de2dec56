//! The administration page: accounts, keys, audit log.

use crate::components::admin::account_list::AccountAdmin;
use crate::components::admin::audit_log::AuditLog;
use crate::components::admin::key_list::KeyAdmin;
use crate::components::controls::page_link::PageLink;
use crate::state::hub::Hub;
use crate::state::route::AdminPart;
use common::role::Role;
use leptos::prelude::*;

/// The page.
#[component]
pub fn AdminPage(
    /// The part that is looked at.
    part: AdminPart,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let is_admin = Memo::new(move |_| hub.role() == Role::Admin);
    let link = |part: AdminPart| {
        view! { <PageLink path=part.path() class="way">{part.label()}</PageLink> }
    };
    move || {
        if !is_admin.get() {
            return view! { <NotAdmin /> }.into_any();
        }
        view! {
            <div class="sheet admin">
                <div class="sheet-body">
                    <h1>"Administration"</h1>
                    <nav class="ways" aria-label="Administration">
                        {AdminPart::ALL.map(link).collect_view()}
                    </nav>
                    {match part {
                        AdminPart::Accounts => view! { <AccountAdmin /> }.into_any(),
                        AdminPart::Keys => view! { <KeyAdmin /> }.into_any(),
                        AdminPart::Audit => view! { <AuditLog /> }.into_any(),
                    }}
                </div>
            </div>
        }
        .into_any()
    }
}

/// An address that is not for everybody.
#[component]
fn NotAdmin() -> impl IntoView {
    view! {
        <div class="notice" role="alert">
            <h1>"Only for admins"</h1>
            <p>"The role of your account does not allow this. An admin can change it."</p>
        </div>
    }
}
