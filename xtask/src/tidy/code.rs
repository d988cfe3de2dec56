//! Rust text with comments and literals blanked out, so that a rule sees code only. Line numbers
//! stay as they are.

/// Replaces what stands in comments, strings and character literals by spaces.
pub(super) fn blank(text: &str) -> String {
    let mut rest = text;
    let mut code = String::with_capacity(text.len());
    while let Some(first) = rest.chars().next() {
        let after_identifier = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let length = literal_length(rest, after_identifier);
        if length == 0 {
            code.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        } else {
            let (skipped, remaining) = rest.split_at_checked(length).unwrap_or((rest, ""));
            code.extend(skipped.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = remaining;
        }
    }
    code
}

/// How many bytes of comment or literal the text begins with; 0 when it begins with code.
fn literal_length(text: &str, after_identifier: bool) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment_length(text);
    }
    if text.starts_with('"') {
        return quoted_length(text, '"');
    }
    if text.starts_with('\'') {
        return character_length(text);
    }
    if !after_identifier && let Some(after) = text.strip_prefix('r') {
        return raw_string_length(after);
    }
    0
}

/// Block comments nest.
fn block_comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, _) in text.char_indices() {
        let here = text.get(at..).unwrap_or_default();
        if here.starts_with("/*") {
            depth += 1;
        } else if here.starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at + 2;
            }
        }
    }
    text.len()
}

/// From one quote to the next that no backslash precedes.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return at + 1;
        }
    }
    text.len()
}

/// `'a'` and `'\n'` are literals, `'a` alone is a lifetime and code.
fn character_length(text: &str) -> usize {
    let mut characters = text.chars().skip(1);
    match (characters.next(), characters.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted_length(text, '\''),
        _ => 0,
    }
}

/// The text after an `r`: `"…"`, `#"…"#` and so on. Anything else is code.
fn raw_string_length(after: &str) -> usize {
    let hashes = after.chars().take_while(|c| *c == '#').count();
    let Some(body) = after.get(hashes..).and_then(|body| body.strip_prefix('"')) else {
        return 0;
    };
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    "r".len() + hashes + "\"".len() + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_disappear_and_code_stays() {
        let cases = [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("x::y", 'z')"#, "f(      ,    )"),
            (r#"f("a\"b")"#, "f(      )"),
            ("f(r#\"a\"b\"#)", "f(        )"),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
            (r"'\'' + b", "     + b"),
            ("for r in 0..9", "for r in 0..9"),
            ("\"two\nlines\" x", "    \n       x"),
            ("/// use sqlx;\nuse a;", "             \nuse a;"),
        ];
        for (text, expected) in cases {
            assert_eq!(blank(text), expected, "{text}");
        }
    }
}
