//! The views that are not part of the first download, as those name them who open them.

use crate::state::message_row::{Change, MessageRow};
use crate::state::route::AdminPart;
use crate::state::ui::RoomLeaf;
use common::ids::Seq;
use common::text::RoomName;
use common::user::User;
use leptos::prelude::*;
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

/// The fetching of a chunk.
pub type ChunkLoad = Pin<Box<dyn Future<Output = Result<(), ChunkError>>>>;

/// How views are fetched and built; a context of the page. Those who open a view know it by this alone, so
/// that its code need not be there.
#[derive(Clone, Copy)]
pub struct LazyViews {
    /// Fetches a view's chunk. The future is ready at once where that was done before; a chunk is fetched
    /// once, and again only after a failure.
    pub load: fn(&LazyView) -> ChunkLoad,
    /// Builds a view, if its chunk was fetched.
    pub build: fn(LazyView) -> Option<AnyView>,
    /// Fetches what is opened by pointing at a message, so that it opens at once, and also without a
    /// connection.
    pub load_ahead: fn() -> ChunkLoad,
}

impl LazyView {
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
