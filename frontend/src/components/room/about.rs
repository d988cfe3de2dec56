//! All there is to know about a room, leaf by leaf: what it is, and for those who look after it what
//! holds there, who is in it, by which links people come, and who may not.

pub mod archive;
pub mod invitations;
pub mod members;
pub mod overview;
pub mod sanctions;
pub mod settings;

use self::invitations::Invitations;
use self::members::Members;
use self::overview::About;
use self::sanctions::Sanctions;
use self::settings::Settings;
use crate::components::controls::dialog::{Dialog, DialogHandle};
use crate::components::controls::tabs::{Tab, Tabs};
use crate::state::hub::Hub;
use crate::state::room_context::RoomContext;
use crate::state::ui::RoomLeaf;
use common::client::{RoomPart, RoomStatus};
use common::room::{RoomAction, RoomKind, RoomSettings};
use common::text::RoomName;
use leptos::prelude::*;

/// The leaves there are for somebody.
fn leaves(settings: &RoomSettings) -> Vec<Tab<RoomLeaf>> {
    let members = match settings.door {
        RoomKind::Public => "Moderators",
        _ => "Members",
    };
    let may = |action| settings.may(action);
    let sets = may(RoomAction::ChangeSettings) || may(RoomAction::Archive);
    let sees_members = may(RoomAction::SeeMembers) && settings.door != RoomKind::Direct;
    [
        (true, (RoomLeaf::About, "about", "About")),
        (sees_members, (RoomLeaf::Members, "members", members)),
        (sets, (RoomLeaf::Settings, "settings", "Settings")),
        (
            may(RoomAction::Invite),
            (RoomLeaf::Invitations, "invitations", "Invitations"),
        ),
        (
            may(RoomAction::Sanction),
            (RoomLeaf::Sanctions, "sanctions", "Bans and mutes"),
        ),
    ]
    .into_iter()
    .filter_map(|(is_there, tab)| is_there.then_some(tab))
    .collect()
}

/// The dialog.
#[component]
pub fn RoomAbout(
    /// The room.
    room: RoomName,
    /// The leaf to begin with.
    leaf: RoomLeaf,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let handle = DialogHandle::new();
    let context = RoomContext::of(room.clone());
    let open = RwSignal::new(leaf);
    let tabs = Memo::new(move |_| leaves(&context.settings.read()));
    let shown = Memo::new(move |_| {
        let is_there = tabs.read().iter().any(|tab| tab.0 == open.get());
        if is_there {
            open.get()
        } else {
            RoomLeaf::About
        }
    });
    // A user who is removed while it is open has nothing to see here any more.
    Effect::new(move |_| {
        let is_out = hub.with_room(&room, &[RoomPart::Status], |view| {
            matches!(view.state(), RoomStatus::Refused(_))
        });
        if is_out == Some(true) {
            handle.close();
        }
    });
    let title = Signal::derive(move || context.name());
    view! {
        <Dialog handle class="room-about" title>
            {move || (tabs.read().len() > 1).then(|| view! {
                <Tabs label="About this room" tabs open />
            })}
            <div class="leaf" id="leaf" role="tabpanel">
                {move || match shown.get() {
                    RoomLeaf::About => view! { <About context handle /> }.into_any(),
                    RoomLeaf::Settings => view! { <Settings context /> }.into_any(),
                    RoomLeaf::Members => view! { <Members context /> }.into_any(),
                    RoomLeaf::Invitations => view! { <Invitations context /> }.into_any(),
                    RoomLeaf::Sanctions => view! { <Sanctions context /> }.into_any(),
                }}
            </div>
            <div class="dialog-actions">
                <button type="button" class="button close" on:click=move |_| handle.close()>
                    "Close"
                </button>
            </div>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_leaf_is_there_for_those_who_may_use_it() {
        let plain = RoomSettings::default_for("garden".parse().unwrap());
        let keys = |settings: &RoomSettings| -> Vec<&str> {
            leaves(settings).into_iter().map(|tab| tab.1).collect()
        };
        assert_eq!(keys(&plain), ["about", "members"]);
        let direct = RoomSettings {
            door: RoomKind::Direct,
            ..plain.clone()
        };
        assert_eq!(keys(&direct), ["about"]);
        let owner = RoomSettings {
            may: RoomAction::ALL.to_vec(),
            ..plain
        };
        assert_eq!(
            keys(&owner),
            ["about", "members", "settings", "invitations", "sanctions"]
        );
    }
}
