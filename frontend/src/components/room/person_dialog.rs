//! A user's card: starting a direct conversation, and moderation.

use crate::api;
use crate::components::account::needs_account::NeedsAccount;
use crate::components::controls::avatar::Avatar;
use crate::components::controls::confirm_button::ConfirmButton;
use crate::components::controls::dialog::{Dialog, DialogHandle};
use crate::components::controls::result_note::{ResultNote, ResultText};
use crate::components::room::role_choice::RoleChoice;
use crate::components::room::sanction_form::SanctionForm;
use crate::components::room::sanction_line::SanctionLine;
use crate::state::fetched::Fetched;
use crate::state::hub::Hub;
use crate::state::room_context::RoomContext;
use crate::state::room_entry::RoomEntry;
use crate::state::room_text::{refusal, room_role_text};
use common::api::rooms::{MemberSummary, SanctionSummary};
use common::role::Role;
use common::room::{RoomAction, RoomKind, RoomRole, SanctionKind};
use common::text::RoomName;
use common::user::User;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What the dialog knows of somebody in the room.
#[derive(Clone, Copy)]
struct Known {
    context: RoomContext,
    person: StoredValue<User>,
    members: Fetched<Vec<MemberSummary>>,
    sanctions: Fetched<Vec<SanctionSummary>>,
    outcome: RwSignal<ResultText>,
}

impl Known {
    /// Asks the server for what the reader may know.
    fn load(self) {
        let room = self.context.room();
        if untrack(|| self.context.may(RoomAction::SeeMembers)) {
            let room = room.clone();
            self.members
                .fetch(async move { api::rooms::members(&room).await });
        }
        if untrack(|| self.context.may(RoomAction::Sanction)) {
            self.sanctions
                .fetch(async move { api::rooms::sanctions(&room).await });
        }
    }

    /// What they are in the room, tracked.
    fn standing(self) -> RoomRole {
        let members = self.members.ready().unwrap_or_default();
        let id = self.person.with_value(|person| person.id.clone());
        let found = members.iter().find(|one| one.user.id == id);
        found.map_or(RoomRole::Outsider, |one| one.standing)
    }

    /// What holds against them, tracked.
    fn sanctions(self) -> Vec<SanctionSummary> {
        let id = self.person.with_value(|person| person.id.clone());
        let mut all = self.sanctions.ready().unwrap_or_default();
        all.retain(|one| one.user.id == id);
        all
    }
}

/// The dialog.
#[component]
pub fn PersonDialog(
    /// The room the reader is in.
    room: RoomName,
    /// Who.
    person: User,
) -> impl IntoView {
    let me = expect_context::<Hub>().me();
    let handle = DialogHandle::new();
    let known = Known {
        context: RoomContext::of(room),
        person: StoredValue::new(person.clone()),
        members: Fetched::new(),
        sanctions: Fetched::new(),
        outcome: RwSignal::new(None),
    };
    known.load();
    let is_me = person.id == me.id;
    let name = person.name.to_string();
    let standing = move || {
        let standing = known.standing();
        let door = known.context.settings.read().door;
        let says = standing > RoomRole::Member
            || (standing == RoomRole::Member && door != RoomKind::Direct);
        says.then(|| {
            format!(
                "{} in {}",
                room_role_text(standing),
                known.context.label.read().written()
            )
        })
    };
    view! {
        <Dialog handle class="person-dialog" title=name>
            <div class="person-card" data-user=person.id.to_string()>
                <Avatar user=person.id.clone() name=person.name.clone() />
                <p class="list-note">
                    {move || standing().unwrap_or_else(|| {
                        format!("In {}", known.context.label.read().written())
                    })}
                </p>
            </div>
            {(!is_me).then(|| view! { <MessageButton known handle /> })}
            {(!is_me).then(|| view! { <Order known /> })}
            <ResultNote outcome=known.outcome />
            <div class="dialog-actions">
                <button type="button" class="button close" on:click=move |_| handle.close()>
                    "Close"
                </button>
            </div>
        </Dialog>
    }
}

/// Talks to them alone.
#[component]
fn MessageButton(known: Known, handle: DialogHandle) -> impl IntoView {
    let entry_ways = RoomEntry::here();
    let person = known.person.get_value();
    let door = known.context.door();
    let is_here = move || door.get() == RoomKind::Direct;
    let label = format!("Message {}", person.name);
    let open = move |_| {
        let id = person.id.clone();
        spawn_local(async move {
            match entry_ways.direct(id).await {
                Ok(()) => handle.close(),
                Err(words) => {
                    let _ = known.outcome.try_set(Some(Err(words)));
                }
            }
        });
    };
    move || {
        (!is_here()).then(|| {
            let (label, open) = (label.clone(), open.clone());
            match entry_ways.why_not() {
                None => view! {
                    <button type="button" class="button primary message-person" on:click=open>
                        {label}
                    </button>
                }
                .into_any(),
                Some(words) => view! {
                    <div class="hindrance">
                        <button type="button" class="button message-person" disabled>{label}</button>
                        <NeedsAccount words handle />
                    </div>
                }
                .into_any(),
            }
        })
    }
}

/// What the reader may do to keep order.
#[component]
fn Order(known: Known) -> impl IntoView {
    let form = RwSignal::new(None::<SanctionKind>);
    let context = known.context;
    let door = context.door();
    let may = move |action| context.may(action);
    let has_any = Memo::new(move |_| {
        [
            RoomAction::Kick,
            RoomAction::Sanction,
            RoomAction::ChangeRoles,
        ]
        .into_iter()
        .any(may)
    });
    let hub = expect_context::<Hub>();
    let is_above = Memo::new(move |_| {
        // In public rooms those who look after the node count for more than they are there.
        let counts_more = door.get() == RoomKind::Public && hub.role() >= Role::Moderator;
        !counts_more && known.standing() >= context.settings.read().standing
    });
    let done = Callback::new(move |()| {
        form.set(None);
        known.load();
    });
    let choose = move |kind| form.update(|form| *form = (*form != Some(kind)).then_some(kind));
    let (can_sanction, can_kick, can_change) = (
        context.can(RoomAction::Sanction),
        context.can(RoomAction::Kick),
        context.can(RoomAction::ChangeRoles),
    );
    let pressed = move |kind| (form.get() == Some(kind)).to_string();
    move || {
        if !has_any.get() {
            return None;
        }
        if is_above.get() {
            let words = "You cannot act on someone whose role is equal to or higher than yours.";
            return Some(view! { <p class="field-note">{words}</p> }.into_any());
        }
        let view = view! {
            <section class="order" aria-labelledby="order-title">
                <h3 id="order-title">"What you can do here"</h3>
                {move || can_change.get().then(|| view! {
                    <RoleOf known />
                })}
                <ul class="list">
                    {move || known.sanctions().into_iter().map(|one| view! {
                        <SanctionLine
                            room=context.room()
                            one
                            named=false
                            outcome=known.outcome
                            lifted=done
                        />
                    }).collect_view()}
                </ul>
                <div class="order-acts">
                    {move || can_sanction.get().then(|| view! {
                        <button
                            type="button"
                            class="button small mute"
                            aria-expanded=move || pressed(SanctionKind::Mute)
                            on:click=move |_| choose(SanctionKind::Mute)
                        >
                            "Mute…"
                        </button>
                        <button
                            type="button"
                            class="button small ban"
                            aria-expanded=move || pressed(SanctionKind::Ban)
                            on:click=move |_| choose(SanctionKind::Ban)
                        >
                            "Ban…"
                        </button>
                    })}
                    {move || can_kick.get().then(|| view! { <PutOut known done /> })}
                </div>
                {move || form.get().map(|kind| view! {
                    <SanctionForm
                        room=context.room()
                        person=known.person.get_value()
                        kind
                        outcome=known.outcome
                        done
                    />
                })}
            </section>
        };
        Some(view.into_any())
    }
}

/// Makes them more or less than they are.
#[component]
fn RoleOf(known: Known) -> impl IntoView {
    let standing = Memo::new(move |_| known.standing());
    let changed = Callback::new(move |()| known.load());
    view! {
        <RoleChoice
            context=known.context
            person=known.person.get_value()
            standing
            outcome=known.outcome
            changed
        />
    }
}

/// Puts them out of the room.
#[component]
fn PutOut(known: Known, done: Callback<()>) -> impl IntoView {
    let question = Signal::derive(move || {
        let name = known.person.with_value(|person| person.name.to_string());
        match known.context.settings.read().door {
            RoomKind::Public => {
                format!("Remove {name}? They can rejoin. To prevent that, ban them.")
            }
            _ => format!("Remove {name} from this room? They can come back only if invited."),
        }
    });
    let act = Callback::new(move |()| {
        let (room, person) = (known.context.room(), known.person.get_value());
        spawn_local(async move {
            let answer = api::rooms::remove_member(&room, &person.id).await;
            let is_done = answer.is_ok();
            let answer = answer
                .map(|()| format!("{} was removed.", person.name))
                .map_err(|error| refusal(&error));
            let _ = known.outcome.try_set(Some(answer));
            if is_done {
                done.try_run(());
            }
        });
    });
    view! { <ConfirmButton class="put-out" label="Remove…" question yes="Remove" act /> }
}
