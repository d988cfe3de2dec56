//! A label made of initials, in a hue that stays with its user.

use crate::state::avatar::{hue, initials};
use common::ids::UserId;
use common::text::UserName;
use leptos::prelude::*;

/// A user's label. The name always stands beside it, so it is silent.
#[component]
pub fn Avatar(
    /// Who: decides the hue.
    user: UserId,
    /// The name: decides the letters.
    name: UserName,
    /// For lists.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    view! {
        <span class="avatar" class:small=small data-hue=hue(&user).to_string() aria-hidden="true">
            {initials(name.as_str())}
        </span>
    }
}
