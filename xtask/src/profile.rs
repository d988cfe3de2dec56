//! The build profiles of the server.

/// The profiles of the root Cargo.toml that the server is built with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Without optimization, and without the page.
    Dev,
    /// Optimized, and compiled in a fraction of the time that `Release` takes.
    Quick,
    /// Optimized as far as it goes: for installations and for benchmarks.
    Release,
}

impl Profile {
    /// Cargo's name for the profile.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Quick => "quick",
            Self::Release => "release",
        }
    }

    /// Cargo's name for the profile's folder in the target directory.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Quick | Self::Release => self.name(),
        }
    }
}
