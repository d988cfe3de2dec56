//! Finds addresses in what people write. The pieces are text, never markup: a view puts each into
//! a text node or a link.

/// A piece of a text. Put together, the pieces are the text again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Text(&'a str),
    /// An `http` or `https` address.
    Link(&'a str),
}

/// Cuts a text into words and links.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, link, after)) = split_at_link(rest) {
        if !before.is_empty() {
            found.push(Piece::Text(before));
        }
        found.push(Piece::Link(link));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    found
}

fn split_at_link(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices("://").find_map(|(colon, _)| {
        let before = text.get(..colon)?;
        let scheme = ["https", "http"].into_iter().find(|scheme| {
            let start = before.len().checked_sub(scheme.len());
            start
                .and_then(|at| before.get(at..))
                .is_some_and(|s| s.eq_ignore_ascii_case(scheme))
        })?;
        let start = colon - scheme.len();
        let stands_alone = !text.get(..start)?.ends_with(char::is_alphanumeric);
        let end = start + link_length(text.get(start..)?);
        let host = text.get(colon + "://".len()..end)?;
        let is_link = stands_alone && host.starts_with(|c: char| c.is_alphanumeric() || c == '[');
        is_link.then_some((text.get(..start)?, text.get(start..end)?, text.get(end..)?))
    })
}

/// The bytes from the start of a link to its end: to the next space, without the marks that end
/// the sentence around it, and without a bracket that was opened before it.
fn link_length(text: &str) -> usize {
    let end = text.find(|c: char| c.is_whitespace() || c.is_control() || "<>\"`".contains(c));
    let mut link = text.get(..end.unwrap_or(text.len())).unwrap_or(text);
    loop {
        let count = |c| link.matches(c).count();
        let is_outside = match link.chars().next_back() {
            Some('.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '…' | '»' | '”') => {
                true
            }
            Some(')') => count(')') > count('('),
            Some(']') => count(']') > count('['),
            Some('}') => count('}') > count('{'),
            _ => false,
        };
        let Some((at, _)) = link.char_indices().next_back().filter(|_| is_outside) else {
            return link.len();
        };
        link = link.get(..at).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn links_are_found_without_the_sentence_around_them() {
        for (text, links) in [
            ("no link here", vec![]),
            ("see https://example.org.", vec!["https://example.org"]),
            (
                "(https://example.org/a_(b))",
                vec!["https://example.org/a_(b)"],
            ),
            (
                "HTTP://EXAMPLE.org/x?y=1&z=2#q, ok",
                vec!["HTTP://EXAMPLE.org/x?y=1&z=2#q"],
            ),
            ("http://a.b\nhttps://c.d", vec!["http://a.b", "https://c.d"]),
            ("<https://a.b>", vec!["https://a.b"]),
            ("http://[::1]:80/", vec!["http://[::1]:80/"]),
            ("http://", vec![]),
            ("https://.", vec![]),
            ("xhttps://a.b", vec![]),
            ("javascript://a.b", vec![]),
            ("ftp://a.b and data:text/html,x", vec![]),
            ("x:// then https://ü.example/ä", vec!["https://ü.example/ä"]),
        ] {
            let pieces = pieces(text);
            let found: Vec<_> = pieces
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Link(link) => Some(*link),
                    Piece::Text(_) => None,
                })
                .collect();
            assert_eq!(found, links, "in {text:?}");
            let whole: String = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Link(text) | Piece::Text(text) => *text,
                })
                .collect();
            assert_eq!(whole, text);
        }
    }
}
