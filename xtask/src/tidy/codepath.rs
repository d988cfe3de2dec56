//! The paths that Rust code names: `sqlx::query`, `crate::hub::Hub`, with `use` trees unfolded.

use super::code::blank;

/// A path such as `["crate", "hub", "Hub"]` and the line where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CodePath {
    pub(super) line: usize,
    pub(super) segments: Vec<String>,
    pub(super) import: Option<Import>,
}

/// What a `use` declaration brings into scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Import {
    /// One item, under this name: `use a::B;`, `use a::B as C;`.
    Name(String),
    /// Every public item: `use a::*;`.
    All,
}

/// A word or a sign that matters for paths.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Then,
    Open,
    Close,
    Comma,
    /// `;`
    End,
    /// `*`
    Star,
    Other,
}

/// All paths of two segments or more, and every path of a `use` declaration.
pub(super) fn paths(text: &str) -> Vec<CodePath> {
    let tokens = tokens(&blank(text));
    let mut rest = tokens.as_slice();
    let mut found = Vec::new();
    while let [(line, token), after @ ..] = rest {
        rest = match token {
            Token::Word(word) if word == "use" => use_tree(after, &[], &mut found),
            Token::Word(word) => plain_path(*line, word, after, &mut found),
            _ => after,
        };
    }
    found
}

type Tokens = [(usize, Token)];

/// Follows `a::b::c` outside of `use`; a single word is a name like any other and no path.
fn plain_path<'a>(
    line: usize,
    first: &str,
    mut rest: &'a Tokens,
    found: &mut Vec<CodePath>,
) -> &'a Tokens {
    let mut segments = vec![first.to_owned()];
    while let [(_, Token::Then), (_, Token::Word(word)), after @ ..] = rest {
        segments.push(word.clone());
        rest = after;
    }
    if segments.len() > 1 || matches!(rest, [(_, Token::Then), ..]) {
        let import = None;
        found.push(CodePath {
            line,
            segments,
            import,
        });
    }
    rest
}

/// Unfolds `a::{b, c::{d, e}}` after `prefix`, up to the `;`, `,` or `}` that ends this branch.
fn use_tree<'a>(mut rest: &'a Tokens, prefix: &[String], found: &mut Vec<CodePath>) -> &'a Tokens {
    let mut segments = prefix.to_vec();
    let (mut start, mut import) = (None, None);
    while let [(line, token), after @ ..] = rest {
        match token {
            Token::Word(word) if word == "as" => {
                if let [(_, Token::Word(name)), ..] = after {
                    import = Some(Import::Name(name.clone()));
                }
                break;
            }
            Token::Word(word) => {
                start = start.or(Some(*line));
                segments.push(word.clone());
            }
            Token::Star => {
                start = start.or(Some(*line));
                import = Some(Import::All);
                break;
            }
            Token::Open => return use_group(after, &segments, found),
            Token::Comma | Token::Close | Token::End => break,
            Token::Then | Token::Other => {}
        }
        rest = after;
    }
    if let Some(line) = start {
        // `a::{self}` brings `a` into scope.
        let name = segments.iter().rev().find(|segment| *segment != "self");
        let import = import.or_else(|| name.cloned().map(Import::Name));
        found.push(CodePath {
            line,
            segments,
            import,
        });
    }
    skip_branch(rest)
}

/// The branches between braces, separated by commas.
fn use_group<'a>(mut rest: &'a Tokens, prefix: &[String], found: &mut Vec<CodePath>) -> &'a Tokens {
    loop {
        rest = use_tree(rest, prefix, found);
        match rest {
            [(_, Token::Comma), after @ ..] => rest = after,
            [(_, Token::Close), after @ ..] => return after,
            _ => return rest,
        }
    }
}

/// Goes to the sign that ends a branch.
fn skip_branch(mut rest: &Tokens) -> &Tokens {
    while let [
        (_, Token::Word(_) | Token::Then | Token::Star | Token::Other | Token::Open),
        after @ ..,
    ] = rest
    {
        rest = after;
    }
    rest
}

fn tokens(code: &str) -> Vec<(usize, Token)> {
    let mut tokens = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let (token, length) = match first {
                c if is_word(c) => (
                    Token::Word(rest.get(..length).unwrap_or_default().into()),
                    length,
                ),
                ':' if rest.starts_with("::") => (Token::Then, 2),
                '{' => (Token::Open, 1),
                '}' => (Token::Close, 1),
                ',' => (Token::Comma, 1),
                ';' => (Token::End, 1),
                '*' => (Token::Star, 1),
                other => (Token::Other, other.len_utf8()),
            };
            if !first.is_whitespace() {
                tokens.push((index + 1, token));
            }
            rest = rest.get(length..).unwrap_or_default();
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(usize, &str)]) {
        let found: Vec<(usize, String)> = paths(text)
            .into_iter()
            .map(|path| (path.line, path.segments.join("::")))
            .collect();
        let expected: Vec<(usize, String)> = expected
            .iter()
            .map(|(line, path)| (*line, (*path).to_owned()))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn use_trees_are_unfolded() {
        check("use sqlx;", &[(1, "sqlx")]);
        check("use a::b as c;\nuse d::*;", &[(1, "a::b"), (2, "d")]);
        check(
            "pub use a::{b, c::{d, self}};",
            &[(1, "a::b"), (1, "a::c::d"), (1, "a::c::self")],
        );
        check(
            "use {\n    a::b,\n    crate::hub,\n};\nx::y()",
            &[(2, "a::b"), (3, "crate::hub"), (5, "x::y")],
        );
        check(
            "use a::{b as c, d};\nlet e = f::g;",
            &[(1, "a::b"), (1, "a::d"), (2, "f::g")],
        );
    }

    #[test]
    fn an_import_says_which_name_it_brings() {
        let name = |name: &str| Some(Import::Name(name.into()));
        let imports: Vec<_> = paths("use a::{b as c, d::{self, E}, f::*}; g::h();")
            .into_iter()
            .map(|path| path.import)
            .collect();
        let expected = [name("c"), name("d"), name("E"), Some(Import::All), None];
        assert_eq!(imports, expected);
    }

    #[test]
    fn paths_in_code_are_found_and_names_are_not() {
        check(
            "let a = sqlx::query(\"b::c\"); // d::e",
            &[(1, "sqlx::query")],
        );
        check("fn redis(axum: u8) { sqlx }", &[]);
        check(
            "leptos::web_sys::window()",
            &[(1, "leptos::web_sys::window")],
        );
        check(
            "Vec::<redis::Client>::new()",
            &[(1, "Vec"), (1, "redis::Client")],
        );
    }
}
