//! The Hubbub page: a Leptos application over `common`'s client core.
//!
//! A message's way through it: `components::composer` → `state::hub` (owner of the client core) →
//! `socket` → the server → `socket` → `state::hub` → `state::rows` → `components::timeline`.
//!
//! What is absent: components never touch a socket or the browser's objects (`socket` and
//! `platform` do), nothing here reads or writes JSON of its own, and text that people wrote is
//! never treated as HTML.
//!
//! # Hooks
//! What a browser test, or a person's own style sheet, may hold on to. The state of a thing stands
//! in its attributes, never in its words alone.
//!
//! | selector | what |
//! |---|---|
//! | `#boot` | what stands in the page until the program is there |
//! | `.welcome[data-way=guest\|sign-in\|sign-up]`, `#way-guest`, `#way-sign-in`, `#way-sign-up` | coming in, and the ways to choose from |
//! | `.guest-form #name`, `.sign-in-form #sign-in-name`, `#sign-in-password`, `.reveal`, `.field-note[data-kind=error]` | choosing a name, signing in |
//! | `.sign-up-form #sign-up-name`, `#sign-up-password`, `#claim-code` | making an account |
//! | `.session-end` | the sign-in has ended |
//! | `.shell[data-drawer=rooms\|people]` | the page of a signed-in user, and its open drawer |
//! | `.lazy-wait`, `.load-failed .retry-load`, `.reload-page` | a part of the page that is being fetched, or cannot be |
//! | `.badge[data-status=connecting\|live\|offline\|retrying]`, `.badge .retry-now` | the connection |
//! | `.sidebar .room-link[data-room=…][data-unread]`, `[aria-current=page]`, `.unread` | rooms |
//! | `.room-link[data-refused]`, `.sidebar .conversations` | one no longer open to the reader; those with one person alone |
//! | `.sidebar .create-room`, `dialog.room-dialog #room-name`, `[data-tab=private]`, `#new-title`, `#new-topic` | create or join a room |
//! | `.sidebar .announce`, `dialog.announce-dialog #announce-text` | announce something |
//! | `.announcement .announcement-item[data-seq=…]`, `.dismiss`, `.show-earlier` | the banner |
//! | `.me-link .me-name`, `.sign-out`, `.theme`, `dialog.sign-out-dialog`, `.admin-link` | the reader, at the sidebar's foot |
//! | `.account .profile-name`, `.profile-role[data-role]`, `.sign-out-here`, `.become` | the own account, at `/account` |
//! | `.line[data-sign-in=…][data-current]`, `.end`, `.end-others`, `.end-all` | where one is signed in |
//! | `.password-form #present-password`, `#new-password`, `.done` | another password |
//! | `.admin .account-line[data-user=…][data-role][data-disabled]`, `.role`, `.disable`, `.enable` | accounts, at `/admin` |
//! | `.key-form #key-name`, `#scope-read`, `.made #made-key`, `.copy-key`, `.key-taken`, `.key-line[data-key=…]`, `.revoke`, `.confirm-revoke` | keys, at `/admin/keys` |
//! | `.audit-line[data-id=…][data-act=…]`, `.load-more` | who did what, at `/admin/audit` |
//! | `.room-header .room-title .name`, `.people-toggle[data-count]`, `.leave`, `.open-rooms` | the room |
//! | `.room-header .room-name`, `.topic`, `.tag`, `.about-room` | the way to all there is to know of it |
//! | `.notice .retry-join`, `.go-on` | a room that does not let the reader in |
//! | `dialog.room-about .tab[data-tab=about\|members\|settings\|invitations\|sanctions][aria-selected]`, `.act-note[data-kind]` | about the room |
//! | `#room-link`, `.facts`, `.leave-for-good`, `.member[data-user][data-standing]`, `.standing select`, `.put-out` | its leaves |
//! | `#room-title`, `#room-topic`, `#room-locked`, `#room-pace`, `.save-settings`, `.archive-room`, `.unarchive` | what holds in it |
//! | `.make-invitation`, `#invite-term`, `#invite-count`, `#invite-link`, `.invitation[data-id] .take-back` | links into it |
//! | `.sanction[data-user][data-kind=ban\|mute] .lift` | who is banned or muted |
//! | `.confirm .yes`, `.confirm .no` | what is asked once more |
//! | `dialog.person-dialog .message-person`, `.mute`, `.ban`, `.put-out`, `#sanction-span`, `#sanction-reason`, `.do-sanction` | somebody |
//! | `.invite .join`, `.invite .go-on` | the door that an invitation opens |
//! | `.timeline[data-state=joining\|live]`, `.day-line`, `.new-line`, `.beginning`, `.load-older`, `.skeleton` | the timeline |
//! | `.message[data-seq=…]`, `.author`, `.rich-text`, `.data-block` | a message in the log |
//! | `.deleted`, `.edited`, `.message[data-changing=true]` | what became of it, or is about to |
//! | `.reactions .reaction[data-emoji=…][aria-pressed]`, `[data-state=pending]` | reactions to it |
//! | `.message[data-panel=menu\|palette\|confirm\|edit]`, `.more[aria-expanded]` | what is open on it |
//! | `.toolbar .react`, `.edit`, `.copy[data-copied]`, `.about-author`, `.delete`, `.palette .choice[data-emoji=…]` | what can be done with it |
//! | `.edit-form textarea`, `.save-edit`, `.cancel-edit`, `.edit-note[data-kind]` | other words for it |
//! | `.confirm .confirm-delete`, `.cancel-delete` | whether it is to be deleted |
//! | `.refused-change[data-id=…]`, `.refused-words`, `.retry`, `.discard` | a change the server will not have |
//! | `.stray-changes .refused-change` | the same, of a message that is out of sight |
//! | `.message[data-state=pending\|refused][data-id=…]`, `.retry`, `.discard` | one on its way |
//! | `.jump[data-new]` | down to the newest message |
//! | `.composer textarea`, `.composer .send`, `.counter[data-over]`, `.composer-note[data-kind]` | writing |
//! | `.composer .hushed[data-why=archived\|locked\|muted\|read-only]`, `.counter.wait` | what keeps one from it |
//! | `.people .person[data-user=…] .person-open`, `.people[data-count]` | who is here |

#![expect(
    clippy::needless_pass_by_value,
    reason = "a component is given its properties as values, whether it keeps them or not"
)]

pub mod api;
pub mod app;
pub mod chunks;
pub mod components;
pub mod pages;
pub mod platform;
pub mod socket;
pub mod state;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
