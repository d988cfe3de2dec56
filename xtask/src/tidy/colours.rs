//! Colours have names: they are written out in `styles/tokens.css` alone, once for light and once for
//! dark, and everything else says `var(--…)`.

use super::Complaint;
use super::source::SourceFile;

const TOKENS: &str = "frontend/styles/tokens.css";

/// CSS functions that make a colour. `color-mix` of tokens is fine, and not among them.
const FUNCTIONS: &[&str] = &[
    "rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "lch(", "oklab(", "oklch(", "color(",
];

/// Complains about colours in style sheets other than the tokens.
pub(super) fn check(file: &SourceFile) -> Vec<Complaint> {
    if !file.is("css") || file.path == TOKENS {
        return Vec::new();
    }
    let colours = file.lines().filter(|(_, line)| names_a_colour(line));
    let complain = |number| Complaint::new(file, number, format!("a colour: name it in {TOKENS}"));
    colours.map(|(number, _)| complain(number)).collect()
}

/// Whether a value on this line, after its `property:`, is a colour written out.
fn names_a_colour(line: &str) -> bool {
    // What ends in a brace or a comma is a selector: `a:hover,`, `#app {`.
    let line = line.split("/*").next().unwrap_or_default().trim_end();
    let Some((_, value)) = line.split_once(':').filter(|_| !line.ends_with(['{', ','])) else {
        return false;
    };
    let hex = value.split('#').skip(1).any(is_hex);
    hex || FUNCTIONS.iter().any(|function| calls(value, function))
}

fn is_hex(after_hash: &str) -> bool {
    let word = after_hash
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    matches!(word.len(), 3 | 4 | 6 | 8) && word.chars().all(|c| c.is_ascii_hexdigit())
}

/// Whether the function is called, and not one whose name only ends the same way.
fn calls(value: &str, function: &str) -> bool {
    value.match_indices(function).any(|(at, _)| {
        let before = value.get(..at).unwrap_or_default();
        !before.ends_with(|c: char| c.is_alphanumeric() || c == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::sample;

    fn check_sample(path: &str, text: &str, complaints: usize) {
        assert_eq!(
            check(&sample(path, text)).len(),
            complaints,
            "{path}: {text}"
        );
    }

    #[test]
    fn colours_are_written_out_in_one_file() {
        let path = "frontend/styles/components.css";
        for colour in [
            "#fff",
            "#12ab34cc",
            "rgb(1 2 3)",
            "hsl(1turn 2% 3%)",
            "0 1px 2px #000a",
        ] {
            check_sample(path, &format!("  color: {colour};\n"), 1);
            check_sample(TOKENS, &format!("  --ink: {colour};\n"), 0);
        }
        for fine in [
            "  color: var(--ink);",
            "  color: color-mix(in oklab, var(--ink) 50%, transparent);",
            "#add {",
            "a:hover #fed {",
            "a:hover #fed,",
            "  mask: url(shapes.svg#badge-icon);",
            "  margin: 0; /* was #fff */",
        ] {
            check_sample(path, fine, 0);
        }
    }
}
