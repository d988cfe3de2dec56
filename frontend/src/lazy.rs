//! The views that are not part of the first download. Each belongs to a chunk, a WebAssembly file of its
//! own, which is fetched when one of its views is first opened (see `docs/adr/0011`).
//!
//! Without the feature `split`, as in `trunk serve`, chunks are part of the main file and always there.
//! Code that is used by the first page must not name the components below: they would move into the main
//! file again.

pub mod loader;

use crate::components::account::sign_in_form::SignInForm;
use crate::components::account::sign_out_dialog::SignOutDialog;
use crate::components::account::sign_up_form::SignUpForm;
use crate::components::announcements::dialog::AnnounceDialog;
use crate::components::room::about::RoomAbout;
use crate::components::room::create_dialog::RoomDialog;
use crate::components::room::person_dialog::PersonDialog;
use crate::components::timeline::confirm_delete::ConfirmDelete;
use crate::components::timeline::edit_field::EditField;
use crate::components::timeline::emoji_picker::EmojiPicker;
use crate::components::timeline::message_toolbar::Menu;
use crate::components::timeline::refused_change::RefusedChange;
use crate::pages::account::AccountPage;
use crate::pages::admin::AdminPage;
use crate::pages::invite::Invite;
use crate::state::message_row::{Change, MessageRow};
use crate::state::route::AdminPart;
use crate::state::ui::RoomLeaf;
use common::ids::Seq;
use common::text::RoomName;
use common::user::User;
use futures_util::FutureExt;
use leptos::prelude::*;
#[cfg(feature = "split")]
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use std::future::Future;
use std::pin::Pin;

/// A view that is fetched when it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LazyView {
    /// The user's own account, at `/account`.
    Account,
    /// The form that signs in to an account.
    SignIn,
    /// The form that creates an account.
    SignUp,
    /// The dialog that asks before signing out.
    SignOut,
    /// A page for admins.
    Admin(AdminPart),
    /// The page that an invitation link opens.
    Invite,
    /// The dialog that creates or joins a room.
    RoomDialog,
    /// The dialog that announces something to everyone.
    AnnounceDialog,
    /// The dialog about a room.
    RoomAbout(RoomName, RoomLeaf),
    /// The dialog about a user in a room.
    PersonDialog(RoomName, User),
    /// What can be done with a message.
    MessageMenu(Memo<MessageRow>),
    /// The reactions to choose from.
    EmojiPicker(Memo<MessageRow>),
    /// The field in which a message is edited.
    EditField(Memo<MessageRow>),
    /// The question before a message is deleted.
    ConfirmDelete(Seq, User),
    /// A change of a message that the server has refused, and whether it can be tried again no more.
    RefusedChange(Change, bool),
}

/// Where a view is on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// It is the main part of the page.
    Page,
    /// It opens over the page.
    Dialog,
    /// It is a small part of something else.
    Inline,
}

/// A chunk could not be fetched or started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkError;

#[cfg(feature = "split")]
impl From<SplitLoaderError> for ChunkError {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// The fetching of a chunk.
pub type ChunkLoad = Pin<Box<dyn Future<Output = Result<(), ChunkError>>>>;

/// A chunk: the function that builds its views, and the one that fetches it. With the feature `split`
/// the first is the boundary between the files.
macro_rules! chunk {
    ($chunk:ident, $load:ident, |$view:ident| $body:expr) => {
        #[cfg(feature = "split")]
        #[wasm_split($chunk, wasm_split_path = leptos::wasm_split, fallible, preload($load))]
        fn $chunk($view: LazyView) -> Result<AnyView, ChunkError> {
            Ok($body)
        }

        #[cfg(feature = "split")]
        impl LazyView {
            fn $load() -> ChunkLoad {
                Box::pin($load().map(|loaded| Ok(loaded?)))
            }
        }

        #[cfg(not(feature = "split"))]
        async fn $chunk($view: LazyView) -> Result<AnyView, ChunkError> {
            Ok($body)
        }

        #[cfg(not(feature = "split"))]
        impl LazyView {
            fn $load() -> ChunkLoad {
                Box::pin(std::future::ready(Ok(())))
            }
        }
    };
}

chunk!(account, load_account, |view| match view {
    LazyView::Account => view! { <AccountPage /> }.into_any(),
    LazyView::SignIn => view! { <SignInForm /> }.into_any(),
    LazyView::SignUp => view! { <SignUpForm /> }.into_any(),
    LazyView::SignOut => view! { <SignOutDialog /> }.into_any(),
    _ => ().into_any(),
});

chunk!(admin, load_admin, |view| match view {
    LazyView::Admin(part) => view! { <AdminPage part /> }.into_any(),
    _ => ().into_any(),
});

chunk!(room, load_room, |view| match view {
    LazyView::Invite => view! { <Invite /> }.into_any(),
    LazyView::RoomDialog => view! { <RoomDialog /> }.into_any(),
    LazyView::AnnounceDialog => view! { <AnnounceDialog /> }.into_any(),
    LazyView::RoomAbout(room, leaf) => view! { <RoomAbout room leaf /> }.into_any(),
    LazyView::PersonDialog(room, person) => view! { <PersonDialog room person /> }.into_any(),
    _ => ().into_any(),
});

chunk!(message, load_message, |view| match view {
    LazyView::MessageMenu(shown) => view! { <Menu shown /> }.into_any(),
    LazyView::EmojiPicker(shown) => view! { <EmojiPicker shown /> }.into_any(),
    LazyView::EditField(shown) => view! { <EditField shown /> }.into_any(),
    LazyView::ConfirmDelete(seq, author) => view! { <ConfirmDelete seq author /> }.into_any(),
    LazyView::RefusedChange(change, is_obsolete) => {
        view! { <RefusedChange change is_obsolete /> }.into_any()
    }
    _ => ().into_any(),
});

/// The chunks.
#[derive(Clone, Copy)]
enum Chunk {
    Account,
    Admin,
    Room,
    Message,
}

/// Fetches ahead what is opened by pointing at a message, so that it opens at once, and also without a
/// connection.
pub async fn load_ahead() {
    // Where it fails, it is fetched when it is opened.
    let _ = LazyView::load_message().await;
}

impl LazyView {
    fn chunk(&self) -> Chunk {
        match self {
            Self::Account | Self::SignIn | Self::SignUp | Self::SignOut => Chunk::Account,
            Self::Admin(_) => Chunk::Admin,
            Self::Invite
            | Self::RoomDialog
            | Self::AnnounceDialog
            | Self::RoomAbout(..)
            | Self::PersonDialog(..) => Chunk::Room,
            Self::MessageMenu(_)
            | Self::EmojiPicker(_)
            | Self::EditField(_)
            | Self::ConfirmDelete(..)
            | Self::RefusedChange(..) => Chunk::Message,
        }
    }

    /// Fetches the view's chunk. The future is ready at once where that was done before; a chunk is
    /// fetched once, and again only after a failure.
    #[must_use]
    pub fn load(&self) -> ChunkLoad {
        match self.chunk() {
            Chunk::Account => Self::load_account(),
            Chunk::Admin => Self::load_admin(),
            Chunk::Room => Self::load_room(),
            Chunk::Message => Self::load_message(),
        }
    }

    /// Builds the view, if its chunk was fetched.
    #[must_use]
    pub fn build(self) -> Option<AnyView> {
        let built = match self.chunk() {
            Chunk::Account => account(self).now_or_never(),
            Chunk::Admin => admin(self).now_or_never(),
            Chunk::Room => room(self).now_or_never(),
            Chunk::Message => message(self).now_or_never(),
        };
        built?.ok()
    }

    /// Where the view is on the page.
    #[must_use]
    pub fn placement(&self) -> Placement {
        match self {
            Self::SignOut
            | Self::RoomDialog
            | Self::AnnounceDialog
            | Self::RoomAbout(..)
            | Self::PersonDialog(..) => Placement::Dialog,
            Self::Account | Self::SignIn | Self::SignUp | Self::Admin(_) | Self::Invite => {
                Placement::Page
            }
            _ => Placement::Inline,
        }
    }
}
