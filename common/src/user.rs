//! A user as other users see them.

use crate::ids::UserId;
use crate::text::UserName;
use serde::{Deserialize, Serialize};

/// A user as other users see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// The name to show.
    pub name: UserName,
}
