//! The style sheets: one file instead of one for each, without comments and indentation.

use crate::{read_text, write};
use eyre::{Result, WrapErr, bail};
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

/// Replaces the style sheets that the document names by one.
pub(crate) fn merge(folder: &Path) -> Result<()> {
    let index = folder.join("index.html");
    let html = read_text(&index)?;
    let (mut css, mut merged, mut place) = (String::new(), html.clone(), None);
    for link in links(&html) {
        let Some(name) = attribute(link, "href").map(|path| path.trim_start_matches('/')) else {
            bail!("a style sheet without an address: {link}");
        };
        let path = folder.join(name);
        css.push_str(&minify(&read_text(&path)?));
        fs::remove_file(&path).wrap_err_with(|| format!("removing {}", path.display()))?;
        place = place.or(merged.find(link));
        merged = merged.replace(link, "");
    }
    let Some(place) = place else {
        bail!("{} names no style sheets", index.display());
    };
    let mut hasher = DefaultHasher::new();
    hasher.write(css.as_bytes());
    let name = format!("styles-{:016x}.css", hasher.finish());
    write(&folder.join(&name), css.as_bytes())?;
    merged.insert_str(
        place,
        &format!("<link rel=\"stylesheet\" href=\"/{name}\">"),
    );
    write(&index, merged.as_bytes())
}

/// The elements of the document that name style sheets.
fn links(html: &str) -> impl Iterator<Item = &str> {
    html.match_indices("<link").filter_map(|(start, _)| {
        let rest = html.get(start..)?;
        let link = rest.get(..=rest.find('>')?)?;
        (attribute(link, "rel") == Some("stylesheet")).then_some(link)
    })
}

fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = element.split_once(&format!("{name}=\""))?;
    Some(rest.split_once('"')?.0)
}

/// Removes comments, and makes one space or none of the white space between words. Strings in the style
/// sheets of this project contain neither.
fn minify(css: &str) -> String {
    let mut plain = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let mut small = String::with_capacity(plain.len());
    for word in plain.split_whitespace() {
        let joins = |c: Option<char>| matches!(c, None | Some('{' | '}' | ';' | ','));
        let next = word.chars().next();
        if !joins(small.chars().next_back()) && !matches!(next, Some('{' | '}')) {
            small.push(' ');
        }
        if next == Some('}') && small.ends_with(';') {
            small.pop();
        }
        small.push_str(word);
    }
    small
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_does_not_need_is_removed() {
        let css = "/* One */\n.a > .b,\n.c :hover {\n  width: calc(1px + 2px);\n  color: red;\n}\n\n\
                   @media (width >= 1px) {\n  .d {\n    margin: 0 auto;\n  }\n}\n";
        let expected = ".a > .b,.c :hover{width: calc(1px + 2px);color: red}\
                        @media (width >= 1px){.d{margin: 0 auto}}";
        assert_eq!(minify(css), expected);
    }

    #[test]
    fn style_sheets_are_found_in_a_document() {
        let html =
            "<link rel=\"icon\" href=\"/a.svg\"><link rel=\"stylesheet\" href=\"/b.css\"/><p>";
        let found: Vec<&str> = links(html).collect();
        assert_eq!(found, ["<link rel=\"stylesheet\" href=\"/b.css\"/>"]);
        assert_eq!(attribute(found[0], "href"), Some("/b.css"));
    }
}
