//! The views that are not part of the first download. Each belongs to a chunk, a WebAssembly file of its
//! own, which is fetched when one of its views is first opened (see `docs/adr/0011`).
//!
//! Without the feature `split`, as in `trunk serve`, chunks are part of the main file and always there.
//! Code that is used by the first page must not name the components below: they would move into the main
//! file again.

pub mod loader;

use crate::components::account::sign_in_form::SignInForm;
use crate::components::account::sign_up_form::SignUpForm;
use crate::components::announcements::dialog::AnnounceDialog;
use crate::components::room::about::RoomAbout;
use crate::components::room::create_dialog::RoomDialog;
use crate::components::room::person_dialog::PersonDialog;
use crate::pages::account::AccountPage;
use crate::pages::admin::AdminPage;
use crate::pages::invite::Invite;
use crate::state::route::AdminPart;
use crate::state::ui::RoomLeaf;
use common::user::User;
use common::text::RoomName;
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
        #[expect(clippy::unused_async, reason = "with the feature `split` it fetches")]
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

impl LazyView {
    /// Fetches the view's chunk. The future is ready at once where that was done before; a chunk is
    /// fetched once, and again only after a failure.
    #[must_use]
    pub fn load(&self) -> ChunkLoad {
        match self {
            Self::Account | Self::SignIn | Self::SignUp => Self::load_account(),
            Self::Admin(_) => Self::load_admin(),
            Self::Invite
            | Self::RoomDialog
            | Self::AnnounceDialog
            | Self::RoomAbout(..)
            | Self::PersonDialog(..) => Self::load_room(),
        }
    }

    /// Builds the view, if its chunk was fetched.
    #[must_use]
    pub fn build(self) -> Option<AnyView> {
        let built = match self {
            Self::Account | Self::SignIn | Self::SignUp => account(self).now_or_never(),
            Self::Admin(_) => admin(self).now_or_never(),
            Self::Invite
            | Self::RoomDialog
            | Self::AnnounceDialog
            | Self::RoomAbout(..)
            | Self::PersonDialog(..) => room(self).now_or_never(),
        };
        built?.ok()
    }

    /// Whether the view is a dialog and opens over the page.
    #[must_use]
    pub fn is_dialog(&self) -> bool {
        matches!(
            self,
            Self::RoomDialog | Self::AnnounceDialog | Self::RoomAbout(..) | Self::PersonDialog(..)
        )
    }
}
