//! The page's Content Security Policy (CSP level 3). It allows the page's own files and, of the scripts
//! inside the document, only those that it was built with.

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The policy for this document.
///
/// `wasm-unsafe-eval` lets WebAssembly be compiled, and no text be run as a script. Sockets to the
/// own origin are `self`, too.
pub(super) fn of(html: &str) -> HeaderValue {
    let scripts: String = inline_scripts(html)
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    // Letters, digits and punctuation of ASCII: always a value.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// The texts of the scripts that have no file of their own. The document is ours: its build has
/// written it, in small letters.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_of_the_build_are_let_run() {
        let html = "<script type=\"module\">alert(1)</script><script src=\"/a.js\"></script>\
                    <p>text</p><script>\nalert(2)\n</script>";
        let found: Vec<_> = inline_scripts(html).collect();
        assert_eq!(found, ["alert(1)", "\nalert(2)\n"]);
        let policy = of(html);
        let policy = policy.to_str().unwrap();
        // By `openssl dgst -sha256 -binary | base64`.
        let hash = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";
        assert!(policy.contains(hash), "{policy}");
        assert_eq!(policy.matches("'sha256-").count(), 2);
        assert!(!policy.contains("unsafe-inline"));
    }
}
