//! The product's mark, and a small family of line icons drawn on a 24-unit square.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// A room.
    Hash,
    /// Something new.
    Plus,
    /// Away with it.
    Close,
    /// The list of rooms.
    Menu,
    /// People.
    MemberPanel,
    /// One of them.
    Person,
    /// A room with a door.
    Lock,
    /// A way to something.
    Link,
    /// What there is to know.
    Info,
    /// Out of a room, or of the house.
    Leave,
    /// An announcement.
    Megaphone,
    /// Send.
    Send,
    /// It takes its time.
    Clock,
    /// Day.
    Sun,
    /// Night.
    Moon,
    /// Day or night, as the system has it.
    Auto,
    /// Down to the newest.
    Down,
    /// Something is wrong.
    Alert,
    /// A reaction.
    Smile,
    /// Other words.
    Pencil,
    /// Take it back.
    Bin,
    /// Copy it.
    Copy,
    /// It is done.
    Check,
    /// What else there is.
    More,
    /// Can be read.
    Eye,
    /// Cannot be read.
    EyeShut,
    /// What admins look after.
    Shield,
}

impl Glyph {
    fn path(self) -> &'static str {
        match self {
            Self::Hash => "M9.5 4 7.5 20M16.500 4l-2 16M4.500 9h16M3.500 15h16",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Close => "M6.500 6.500l11 11M17.500 6.500l-11 11",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::MemberPanel => {
                "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM2.500 20c0-3.600 2.900-6 6.500-6s6.500 \
                 2.400 6.500 6M16 4.300a3.500 3.500 0 0 1 0 6.400M18 14.400c2.100.8 3.500 2.800 3.500 5.600"
            }
            Self::Person => {
                "M12 11.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20.500c0-4 3.300-6.500 7.500-6.500s7.500 2.500 7.500 6.500"
            }
            Self::Lock => {
                "M6 10.500h12a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-7.500a1 1 0 0 1 1-1ZM8 10.500V8a4 4 0 0 1 8 0v2.500"
            }
            Self::Link => {
                "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1.300 1.300M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700L12 17"
            }
            Self::Info => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5M12 8v.01",
            Self::Leave => {
                "M14 4H7a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h7M10.500 12H21M17.500 8.500 21 12l-3.500 3.500"
            }
            Self::Megaphone => {
                "M4 10v4a1 1 0 0 0 1 1h2.500l8.500 4V5L7.500 9H5a1 1 0 0 0-1 1ZM8 15.500l1 4.500h2.500M19.500 \
                 9.500a3.500 3.500 0 0 1 0 5"
            }
            Self::Send => "M12 19V5M6 11l6-6 6 6",
            Self::Clock => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.500 2",
            Self::Sun => {
                "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 \
                 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400"
            }
            Self::Moon => "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500Z",
            Self::Auto => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 3v18M12 7.500h7M12 12h9M12 16.500h7"
            }
            Self::Down => "M12 5v14M6 13l6 6 6-6",
            Self::Smile => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.500 14.500c.9 1.300 2.100 2 3.500 2s2.600-.7 \
                 3.500-2M9 9.500v.01M15 9.500v.01"
            }
            Self::Pencil => "M4 20h4L19.500 8.500a2.100 2.100 0 0 0-3-3L5 17v3M14.500 7.500l3 3",
            Self::Bin => {
                "M4.500 7h15M9.500 7V4.500h5V7M6.500 7l1 13h9l1-13M10 11v5.500M14 11v5.500"
            }
            Self::Copy => "M9 9h11v11H9ZM15 9V4H4v11h5",
            Self::Check => "M5 12.500l4.500 4.500L19 7.500",
            Self::Eye => {
                "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12ZM12 15a3 3 0 1 \
                 0 0-6 3 3 0 0 0 0 6Z"
            }
            Self::EyeShut => {
                "M4 4l16 16M9.500 5.800A9 9 0 0 1 12 5.500c6 0 9.500 6.500 9.500 6.500a16 16 0 0 1-2.700 3.400M6.300 \
                 7.200A15.500 15.500 0 0 0 2.500 12S6 18.500 12 18.500a9 9 0 0 0 4.200-1M10 10a3 3 0 0 0 4 4"
            }
            Self::Shield => {
                "M12 3 5 5.500V11c0 4.500 2.900 8 7 10 4.100-2 7-5.500 7-10V5.500ZM9 11.500l2.200 2.200L15 9.800"
            }
            Self::More => "M5.500 12v.01M12 12v.01M18.500 12v.01",
            Self::Alert => {
                "M12 9v4M12 16.500v.01M10.300 4.200 2.700 17.500a2 2 0 0 0 1.700 3h15.200a2 2 0 0 0 \
                 1.700-3L13.700 4.200a2 2 0 0 0-3.400 0Z"
            }
        }
    }
}

/// An icon. It says nothing to those who listen: the words beside it do.
#[component]
pub fn Icon(
    /// What it shows.
    glyph: Glyph,
    /// Its width and height in pixels.
    #[prop(default = 18)]
    size: u32,
) -> impl IntoView {
    view! {
        <svg
            class="icon"
            width=size
            height=size
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=glyph.path()></path>
        </svg>
    }
}

/// The product's mark: three voices in one bubble.
#[component]
pub fn Mark(
    /// Its width and height in pixels.
    size: u32,
) -> impl IntoView {
    view! {
        <svg class="mark" width=size height=size viewBox="0 0 32 32" aria-hidden="true">
            <path
                class="bubble"
                d="M9 3h14a7 7 0 0 1 7 7v9a7 7 0 0 1-7 7h-8.200l-5.400 4.300A1.500 1.500 0 0 1 7 29.100V25.700A7 7 0 0 1 2 19v-9a7 7 0 0 1 7-7Z"
            ></path>
            <path
                class="voice"
                d="M9 12a1.500 1.500 0 0 1 3 0v5a1.500 1.500 0 0 1-3 0ZM20 13a1.500 1.500 0 0 1 3 0v3a1.500 1.500 0 0 1-3 0Z"
            ></path>
            <path class="voice loud" d="M14.500 8.500a1.500 1.500 0 0 1 3 0v12a1.500 1.500 0 0 1-3 0Z"></path>
        </svg>
    }
}
