//! How text appears to a reader, by Unicode data: which characters are invisible, which names look the
//! same, and which names cannot be newly taken.

use common::text::UserName;
use regex_syntax::hir::{Class, ClassUnicode, HirKind};
use std::sync::LazyLock;
use unicode_script::{Script, ScriptExtension, UnicodeScript};
use unicode_security::confusable_detection::skeleton;

/// Characters that show nothing: white space, controls, what a font leaves out
/// (`Default_Ignorable_Code_Point`, UAX 44), annotation marks, and the blank Braille pattern, which is
/// a symbol to Unicode and an empty cell to a reader.
static INVISIBLE: LazyLock<CharSet> = LazyLock::new(|| {
    CharSet::new(
        r"[\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u{fff9}-\u{fffb}\u{2800}]",
    )
});

/// Characters that a joiner or a variation selector may follow in a name: emoji, and scripts without
/// upper and lower case, some of which need joiners to be written at all.
static BEFORE_JOINER: LazyLock<CharSet> = LazyLock::new(|| {
    CharSet::new(
        r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\p{Lo}\p{M}0-9#*\u{200d}]",
    )
});

static JOINERS: LazyLock<CharSet> =
    LazyLock::new(|| CharSet::new(r"[\p{Join_Control}\p{Variation_Selector}]"));

static MARKS: LazyLock<CharSet> = LazyLock::new(|| CharSet::new(r"\p{M}"));

/// Names that speak for the product itself.
const RESERVED: [&str; 2] = ["system", "hubbub"];

/// A set of characters, written as a class of a regular expression.
struct CharSet(Option<ClassUnicode>);

impl CharSet {
    fn new(class: &str) -> Self {
        let parsed = regex_syntax::parse(class);
        debug_assert!(parsed.is_ok(), "{class}: {parsed:?}");
        Self(parsed.ok().and_then(|hir| match hir.into_kind() {
            HirKind::Class(Class::Unicode(class)) => Some(class),
            _ => None,
        }))
    }

    fn contains(&self, c: char) -> bool {
        let ranges = self.0.as_ref().map_or(&[][..], |class| class.ranges());
        let after = ranges.partition_point(|range| range.start() <= c);
        let range = after.checked_sub(1).and_then(|at| ranges.get(at));
        range.is_some_and(|range| c <= range.end())
    }
}

/// Whether a reader sees anything of the text.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_ascii_alphanumeric() || !INVISIBLE.contains(c))
}

/// What a name looks like, in lower case: names with the same key are hard to tell apart (UTS 39,
/// section 4).
#[must_use]
pub fn look_key(name: &str) -> String {
    skeleton(name).collect::<String>().to_lowercase()
}

/// Why nobody may take a name, although it is a valid one. Names that were taken earlier stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It has a character that shows nothing.
    #[error("the invisible character U+{:04X} is not allowed", u32::from(*.0))]
    Invisible(char),
    /// A mark stands on a character of another script, or a word mixes scripts.
    #[error("it mixes letters of several scripts in one word")]
    MixedScripts,
    /// It is a name of the product itself, or begins like a mention.
    #[error(
        "names that begin with `@`, and those that look like `system` or `hubbub`, are reserved"
    )]
    Reserved,
}

/// Whether somebody may take this name anew.
///
/// # Errors
/// See [`NameError`].
pub fn check_new_name(name: &UserName) -> Result<(), NameError> {
    let text = name.as_str();
    check_visible(text)?;
    if text.split(|c: char| !is_word(c)).any(mixes_scripts) {
        return Err(NameError::MixedScripts);
    }
    let (case, look) = (text.to_lowercase(), look_key(text));
    let is_reserved = |name: &str| case == name || look == look_key(name);
    if text.starts_with(['@', '\u{fe6b}', '\u{ff20}']) || RESERVED.into_iter().any(is_reserved) {
        return Err(NameError::Reserved);
    }
    Ok(())
}

/// Whether every character of a name or title shows, or is needed by the one before it.
///
/// # Errors
/// See [`NameError::Invisible`].
pub fn check_visible(text: &str) -> Result<(), NameError> {
    let mut before = None;
    for c in text.chars() {
        if c != ' ' && INVISIBLE.contains(c) {
            let is_needed =
                JOINERS.contains(c) && before.is_some_and(|c| BEFORE_JOINER.contains(c));
            // Flags of regions are spelled with tag characters behind a black flag.
            let is_tag = ('\u{e0020}'..='\u{e007f}').contains(&c)
                && before
                    .is_some_and(|c| c == '\u{1f3f4}' || ('\u{e0020}'..='\u{e007e}').contains(&c));
            if !is_needed && !is_tag {
                return Err(NameError::Invisible(c));
            }
        }
        before = Some(c);
    }
    Ok(())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || MARKS.contains(c) || JOINERS.contains(c)
}

/// Whether no script, and none of the usual combinations (UTS 39, section 5.2, "highly restrictive"),
/// has all characters of the word.
fn mixes_scripts(word: &str) -> bool {
    const WITH_LATIN: [&[Script]; 3] = [
        &[
            Script::Latin,
            Script::Han,
            Script::Hiragana,
            Script::Katakana,
        ],
        &[Script::Latin, Script::Han, Script::Hangul],
        &[Script::Latin, Script::Han, Script::Bopomofo],
    ];
    let common = word.chars().fold(ScriptExtension::default(), |all, c| {
        all.intersection(c.script_extension())
    });
    let is_in = |scripts: &[Script], c: char| {
        let extension = c.script_extension();
        extension.is_common()
            || extension.is_inherited()
            || scripts
                .iter()
                .any(|&script| extension.contains_script(script))
    };
    common.is_empty()
        && !WITH_LATIN
            .iter()
            .any(|scripts| word.chars().all(|c| is_in(scripts, c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_may_be_taken_and_names_that_may_not() {
        let invisible = |c| Err(NameError::Invisible(c));
        let (mixed, reserved) = (Err(NameError::MixedScripts), Err(NameError::Reserved));
        for (name, expected) in [
            ("Ada", Ok(())),
            ("Ada Lovelace", Ok(())),
            ("Ren\u{e9}e", Ok(())),
            ("Rene\u{301}e", Ok(())),
            ("Иван-7", Ok(())),
            ("DJ Иван", Ok(())),
            ("DJ-Иван", Ok(())),
            ("たろうTaro", Ok(())),
            ("김Kim", Ok(())),
            ("Ada \u{1f680}", Ok(())),
            ("\u{1f469}\u{200d}\u{1f4bb} Ada", Ok(())),
            ("\u{2764}\u{fe0f}", Ok(())),
            ("\u{915}\u{94d}\u{200d}\u{937}", Ok(())),
            (
                "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
                Ok(()),
            ),
            ("Systematic", Ok(())),
            ("Ada@home", Ok(())),
            ("Alice\u{2800}", invisible('\u{2800}')),
            ("Ali\u{34f}ce", invisible('\u{34f}')),
            ("Alice\u{200d}", invisible('\u{200d}')),
            ("Alice\u{fe0f}", invisible('\u{fe0f}')),
            ("Ali\u{17b4}ce", invisible('\u{17b4}')),
            ("\u{1d173}Bob", invisible('\u{1d173}')),
            ("Аlice", mixed),
            ("Al\u{3b9}ce", mixed),
            ("Alice\u{483}", mixed),
            ("system", reserved),
            ("SYSTEM", reserved),
            ("s\u{443}stem", mixed),
            ("ѕуѕтем", Ok(())),
            ("Hubbub", reserved),
            ("@ada", reserved),
            ("\u{ff20}ada", reserved),
        ] {
            let found = check_new_name(&name.parse().unwrap());
            assert_eq!(found, expected, "{name:?}: {}", look_key(name));
        }
    }

    #[test]
    fn text_without_anything_to_see_is_found() {
        for (text, expected) in [
            ("x", true),
            (".", true),
            ("\u{1f44d}", true),
            ("\u{200b}\u{200d}", false),
            ("\u{2800}", false),
            ("\u{ad} \u{3164}\u{fe0f}\n", false),
            ("\u{e0041}", false),
            ("", false),
        ] {
            assert_eq!(is_visible(text), expected, "{text:?}");
        }
    }
}
