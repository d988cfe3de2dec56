//! The views that are not part of the first download. Each belongs to a chunk, a WebAssembly file of its
//! own, which is fetched when one of its views is first opened (see `docs/adr/0011`).
//!
//! Without the feature `split`, as in `trunk serve`, chunks are part of the main file and always there.
//! Code that is used by the first page must not name the components below: they would move into the main
//! file again.

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
use crate::state::lazy_view::{ChunkError, ChunkLoad, LazyView, LazyViews};
use futures_util::FutureExt;
use leptos::prelude::*;
#[cfg(feature = "split")]
use leptos::wasm_split::{SplitLoaderError, wasm_split};

#[cfg(feature = "split")]
impl From<SplitLoaderError> for ChunkError {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

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
}

/// Makes the views known to those who open them.
pub fn provide() {
    provide_context(LazyViews {
        load,
        build,
        load_ahead: LazyView::load_message,
    });
}

fn load(view: &LazyView) -> ChunkLoad {
    match view.chunk() {
        Chunk::Account => LazyView::load_account(),
        Chunk::Admin => LazyView::load_admin(),
        Chunk::Room => LazyView::load_room(),
        Chunk::Message => LazyView::load_message(),
    }
}

fn build(view: LazyView) -> Option<AnyView> {
    let built = match view.chunk() {
        Chunk::Account => account(view).now_or_never(),
        Chunk::Admin => admin(view).now_or_never(),
        Chunk::Room => room(view).now_or_never(),
        Chunk::Message => message(view).now_or_never(),
    };
    built?.ok()
}
