use super::*;
use crate::tidy::source::sample;

/// The text of every complaint about a tree of these files.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<SourceFile> = files
        .iter()
        .map(|(path, text)| sample(path, text))
        .collect();
    check(&files)
        .into_iter()
        .map(|complaint| complaint.text)
        .collect()
}

fn is_sound(files: &[(&str, &str)]) {
    assert_eq!(found(files), Vec::<String>::new());
}

fn has_cycle(files: &[(&str, &str)], in_folder: &str, edges: &[&str]) {
    let found = found(files);
    let [complaint] = found.as_slice() else {
        panic!("not one cycle: {found:?}");
    };
    assert!(
        complaint.starts_with(&format!("dependency cycle in {in_folder}: ")),
        "{complaint}"
    );
    for edge in edges {
        assert!(complaint.contains(edge), "{edge} is not in: {complaint}");
    }
}

#[test]
fn folders_that_depend_on_each_other_are_a_cycle() {
    let files = [
        ("sample/src/http/rooms.rs", "use crate::ws::upgrade;"),
        ("sample/src/ws/upgrade.rs", ""),
        ("sample/src/ws.rs", "use crate::{http::host, store};"),
        ("sample/src/http/host.rs", ""),
        ("sample/src/store.rs", ""),
        ("sample/src/http.rs", ""),
    ];
    has_cycle(
        &files,
        "sample/src",
        &["http -> ws (once", "ws -> http (once"],
    );
}

#[test]
fn a_cycle_may_have_many_modules_in_any_folder() {
    let files = [
        ("load/src/main.rs", "use a::b;"),
        ("load/src/a.rs", ""),
        (
            "load/src/a/b.rs",
            "use super::c::C; fn f() { super::c::g() }",
        ),
        ("load/src/a/c.rs", "use crate::a::d;"),
        ("load/src/a/d/e.rs", "use super::super::b::B;"),
        ("load/src/a/d.rs", ""),
    ];
    has_cycle(
        &files,
        "load/src/a",
        &["b -> c (2 times", "c -> d (once", "d -> b (once"],
    );
}

#[test]
fn parent_and_child_may_depend_on_each_other() {
    is_sound(&[
        ("sample/src/lib.rs", "pub mod hub; pub use hub::Hub;"),
        (
            "sample/src/hub.rs",
            "mod rooms; use rooms::Rooms; use crate::VERSION;",
        ),
        (
            "sample/src/hub/rooms.rs",
            "use super::Hub; use crate::hub::Other;",
        ),
    ]);
}

#[test]
fn an_import_does_not_hide_where_an_item_comes_from() {
    let files = [
        ("common/src/client.rs", "pub use outbox::Outbox as Box;"),
        ("common/src/client/outbox.rs", "use super::timeline::Line;"),
        ("common/src/client/timeline.rs", "use super::Box;"),
    ];
    has_cycle(
        &files,
        "common/src/client",
        &["outbox -> timeline", "timeline -> outbox"],
    );
}

#[test]
fn a_path_may_begin_with_an_imported_module() {
    let files = [
        (
            "common/src/client/outbox.rs",
            "use crate::client as all; fn f() { all::timeline::g() }",
        ),
        ("common/src/client.rs", ""),
        ("common/src/client/timeline.rs", "use super::outbox;"),
    ];
    has_cycle(&files, "common/src/client", &["outbox -> timeline"]);
}

#[test]
fn imports_of_each_other_are_followed_to_a_limit() {
    is_sound(&[
        (
            "common/src/a.rs",
            "use crate::lost::Name; use crate::Name as Other;",
        ),
        ("common/src/lib.rs", "use a::Other as Name; use b::b;"),
    ]);
}

#[test]
fn tests_and_other_crates_are_no_part_of_a_cycle() {
    is_sound(&[
        ("common/src/a.rs", "use crate::b;"),
        (
            "common/src/b.rs",
            "#[cfg(test)]\nmod tests {\n    use crate::a;\n}\n",
        ),
        ("common/src/b/tests.rs", "use crate::a;"),
        ("common/tests/a.rs", "use crate::b;"),
        ("frontend/src/b.rs", "use crate::a; // use crate::c"),
        ("frontend/src/c.rs", "use crate::b;"),
    ]);
}
