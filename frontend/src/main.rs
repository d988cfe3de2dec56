//! Puts the page into the document.

fn main() {
    // A fault in the page is worth a line in the browser's console.
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(frontend::app::App);
}
