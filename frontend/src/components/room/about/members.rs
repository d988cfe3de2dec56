//! Members of a room, or the moderators of a public one.

use crate::api;
use crate::components::controls::avatar::Avatar;
use crate::components::controls::confirm_button::ConfirmButton;
use crate::components::controls::fetched::{Loaded, Show};
use crate::components::controls::result_note::{ResultNote, ResultText};
use crate::components::room::role_choice::RoleChoice;
use crate::state::fetched::Fetched;
use crate::state::hub::Hub;
use crate::state::room_context::RoomContext;
use crate::state::room_text::{refusal, room_role_text};
use common::api::rooms::MemberSummary;
use common::room::{RoomAction, RoomKind, RoomRole};
use leptos::prelude::*;
use leptos::task::spawn_local;

const NO_MODERATORS: &str = "This room has no moderators of its own. The server's moderators are \
    responsible for it.";

/// The leaf.
#[component]
pub fn Members(
    /// The room.
    context: RoomContext,
) -> impl IntoView {
    let members = Fetched::new();
    let outcome = RwSignal::new(ResultText::None);
    let door = context.door();
    let can_change = context.can(RoomAction::ChangeRoles);
    // Membership of a public room gives no more than everybody has.
    let is_listed = move |one: &MemberSummary| {
        door.get_untracked() != RoomKind::Public || one.standing > RoomRole::Member
    };
    let load = Callback::new(move |()| {
        let room = context.room();
        members.fetch(async move { api::rooms::members(&room).await });
    });
    load.run(());
    let show = Show::new(
        move |all: Vec<MemberSummary>| match all.iter().any(is_listed) {
            false => view! { <p class="list-note">{NO_MODERATORS}</p> }.into_any(),
            true => view! {
                <ul class="list members">
                    {all.into_iter().filter(is_listed).map(|one| view! {
                        <Member context one outcome changed=load />
                    }).collect_view()}
                </ul>
            }
            .into_any(),
        },
    );
    view! {
        <Loaded fetched=members again=load show />
        <ResultNote outcome />
        {move || (door.get() == RoomKind::Public && can_change.get()).then(|| view! {
            <p class="list-note">
                "To make someone a moderator, select them from the people who are here."
            </p>
        })}
    }
}

/// One of them, and what the reader may make of them.
#[component]
fn Member(
    context: RoomContext,
    one: MemberSummary,
    outcome: RwSignal<ResultText>,
    changed: Callback<()>,
) -> impl IntoView {
    let me = expect_context::<Hub>().me().id;
    let (person, standing) = (one.user, one.standing);
    let is_me = person.id == me;
    // Nobody acts on someone with the same or a higher role. Those without a role who may all the same
    // looks after the node.
    let may = move |action| {
        let settings = context.settings.read();
        settings.may(action)
            && !is_me
            && (standing < settings.standing || settings.standing.is_outsider())
    };
    let can_change = Memo::new(move |_| may(RoomAction::ChangeRoles));
    let can_remove = Memo::new(move |_| {
        may(RoomAction::Kick) && context.settings.read().door == RoomKind::Private
    });
    let chosen = person.clone();
    let remove_member = person.clone();
    view! {
        <li class="list-line member" data-user=person.id.to_string() data-standing=standing.as_str()>
            <Avatar user=person.id.clone() name=person.name.clone() small=true />
            <div class="list-words">
                <span class="name" dir="auto">{person.name.to_string()}</span>
                {is_me.then(|| view! { <span class="you">" (you)"</span> })}
                {one.online.then(|| view! { <span class="list-note">"here now"</span> })}
            </div>
            {move || match can_change.get() {
                true => view! {
                    <RoleChoice
                        context
                        person=chosen.clone()
                        standing=Memo::new(move |_| standing)
                        outcome
                        changed
                    />
                }
                .into_any(),
                false => view! { <span class="list-note">{room_role_text(standing)}</span> }.into_any(),
            }}
            {move || can_remove.get().then(|| {
                    let person = remove_member.clone();
                    let question = format!("Remove {} from this room?", person.name);
                    let act = Callback::new(move |()| {
                        let (room, person) = (context.room(), person.clone());
                        spawn_local(async move {
                            let answer = api::rooms::remove_member(&room, &person.id).await;
                            let words = answer
                                .map(|()| format!("{} was removed.", person.name))
                                .map_err(|error| refusal(&error));
                            let _ = outcome.try_set(Some(words));
                            changed.try_run(());
                        });
                    });
                    view! { <ConfirmButton class="put-out" label="Remove…" question yes="Remove" act /> }
                })}
        </li>
    }
}
