//! What a device calls itself, in words: browsers say who they are in a line that only programs
//! like to read (RFC 9110, section 10.1.5).

/// What a browser's line must contain, and what it is then. The first that fits counts: most
/// browsers also say that they are another.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    // The server keeps the beginning of the line, and Safari names itself last.
    ("Version/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// `Firefox on Linux`; what is no browser's line is left as it is.
#[must_use]
pub fn device_text(label: &str) -> String {
    if label.is_empty() {
        return "A device without a name".to_owned();
    }
    if !label.starts_with("Mozilla/") {
        return label.to_owned();
    }
    let find = |known: &[(&str, &'static str)]| {
        let found = known.iter().find(|(mark, _)| label.contains(mark));
        found.map(|(_, words)| *words)
    };
    let browser = find(&BROWSERS).unwrap_or("A browser");
    match find(&SYSTEMS) {
        Some(system) => format!("{browser} on {system}"),
        None => browser.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn browsers_are_known_by_the_line_that_they_send() {
        for (label, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("Mozilla/5.0", "A browser"),
            ("deploy script", "deploy script"),
            ("", "A device without a name"),
        ] {
            assert_eq!(device_text(label), expected, "for {label}");
        }
    }
}
