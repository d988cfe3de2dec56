//! Who is a member of a room; of a public one, who looks after it.

use crate::api;
use crate::components::avatar::Avatar;
use crate::components::note::{Note, Outcome};
use crate::components::standing_choice::StandingChoice;
use crate::components::sure::Sure;
use crate::state::fetched::Fetched;
use crate::state::hub::Hub;
use crate::state::place::Place;
use crate::state::room_words::{refusal, standing_words};
use common::api::rooms::MemberSummary;
use common::room::{RoomAction, RoomKind, RoomRole};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The leaf.
#[component]
pub fn Members(
    /// The room.
    place: Place,
) -> impl IntoView {
    let members = Fetched::new();
    let outcome = RwSignal::new(Outcome::None);
    let door = place.door();
    let can_change = place.can(RoomAction::ChangeRoles);
    // Whoever is a member of a public room is no more there than everybody.
    let is_listed = move |one: &MemberSummary| {
        door.get_untracked() != RoomKind::Public || one.standing > RoomRole::Member
    };
    let load = Callback::new(move |()| {
        let room = place.room();
        members.load(async move { api::rooms::members(&room).await });
    });
    load.run(());
    view! {
        {move || match members.get() {
            None => view! { <p class="list-note" role="status">"Loading"</p> }.into_any(),
            Some(Err(words)) => view! {
                <p class="field-note" data-kind="error" role="alert">{words}</p>
                <button type="button" class="button small" on:click=move |_| load.run(())>
                    "Try again"
                </button>
            }
            .into_any(),
            Some(Ok(all)) if !all.iter().any(is_listed) => {
                let words = "Nobody in particular. Whoever looks after the node looks after this room, too.";
                view! { <p class="list-note">{words}</p> }.into_any()
            }
            Some(Ok(all)) => view! {
                <ul class="list members">
                    {all.into_iter().filter(is_listed).map(|one| view! { <Member place one outcome changed=load /> }).collect_view()}
                </ul>
            }
            .into_any(),
        }}
        <Note outcome />
        {move || (door.get() == RoomKind::Public && can_change.get()).then(|| view! {
            <p class="list-note">
                "To let somebody else look after this room, choose them from the people who are here."
            </p>
        })}
    }
}

/// One of them, and what the reader may make of them.
#[component]
fn Member(
    place: Place,
    one: MemberSummary,
    outcome: RwSignal<Outcome>,
    changed: Callback<()>,
) -> impl IntoView {
    let me = expect_context::<Hub>().me().id;
    let (person, standing) = (one.user, one.standing);
    let is_me = person.id == me;
    // Nobody acts upon somebody who is as much, or more. Who is nothing here and may all the same
    // looks after the node.
    let may = move |action| {
        let settings = place.settings.read();
        settings.may(action)
            && !is_me
            && (standing < settings.standing || settings.standing.is_outsider())
    };
    let can_change = Memo::new(move |_| may(RoomAction::ChangeRoles));
    let can_remove = Memo::new(move |_| {
        may(RoomAction::Kick) && place.settings.read().door == RoomKind::Private
    });
    let chosen = person.clone();
    let put_out = person.clone();
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
                    <StandingChoice
                        place
                        person=chosen.clone()
                        standing=Memo::new(move |_| standing)
                        outcome
                        changed
                    />
                }
                .into_any(),
                false => view! { <span class="list-note">{standing_words(standing)}</span> }.into_any(),
            }}
            {move || can_remove.get().then(|| {
                    let person = put_out.clone();
                    let question = format!("Remove {} from this room?", person.name);
                    let act = Callback::new(move |()| {
                        let (room, person) = (place.room(), person.clone());
                        spawn_local(async move {
                            let answer = api::rooms::put_out(&room, &person.id).await;
                            let words = answer
                                .map(|()| format!("{} was removed.", person.name))
                                .map_err(|error| refusal(&error));
                            let _ = outcome.try_set(Some(words));
                            changed.try_run(());
                        });
                    });
                    view! { <Sure class="put-out" label="Remove…" question yes="Remove" act /> }
                })}
        </li>
    }
}
