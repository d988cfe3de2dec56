//! The direction inside the backend: `http, ws -> session -> hub -> room -> store, bus`. A folder
//! knows those to its right and never those to its left.

use super::Complaint;
use super::codepath::paths;
use super::source::SourceFile;

/// The layers from the bottom up; those on one line stand beside each other.
const LAYERS: &[&[&str]] = &[
    &["store", "bus"],
    &["room"],
    &["hub"],
    &["session"],
    &["http", "ws"],
];

const SOURCE: &str = "backend/src/";

/// Complains about a layer that names one above it.
pub(super) fn check(file: &SourceFile) -> Vec<Complaint> {
    let Some(module) = file
        .path
        .strip_prefix(SOURCE)
        .and_then(|path| path.strip_suffix(".rs"))
    else {
        return Vec::new();
    };
    let module: Vec<&str> = module.split('/').collect();
    let Some((own, own_height)) = module.first().and_then(|name| Some((*name, height(name)?)))
    else {
        return Vec::new();
    };
    let mut complaints = Vec::new();
    for path in paths(&file.text) {
        let named = resolve(&module, &path.segments);
        if let Some((name, above)) = named.and_then(|name| Some((name, height(name)?)))
            && above > own_height
        {
            let text = format!("{own} must not know {name}, which stands above it");
            complaints.push(Complaint::new(file, path.line, text));
        }
    }
    complaints
}

fn height(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The module right under the crate's root that a path leads to, if it leads into this crate.
///
/// Inside an inline module `super` reaches one step less far than this thinks; the module it then
/// names is a part of the same folder and no layer.
fn resolve<'a>(module: &[&'a str], path: &'a [String]) -> Option<&'a str> {
    let first = path.first()?.as_str();
    if first == "crate" || first == "hubbub" || first == "backend" {
        return path.get(1).map(String::as_str);
    }
    let ups = path
        .iter()
        .take_while(|segment| *segment == "super")
        .count();
    match module.len().checked_sub(ups)? {
        _ if ups == 0 => None,
        0 => path.get(ups).map(String::as_str),
        _ => module.first().copied(),
    }
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
    fn nothing_points_back() {
        check_sample("backend/src/store/sqlite.rs", "use crate::room::Room;", 1);
        check_sample(
            "backend/src/room/actor.rs",
            "use crate::{store::Store, hub::Hub};",
            1,
        );
        check_sample(
            "backend/src/room.rs",
            "fn f() { crate::ws::writer::write() }",
            1,
        );
        check_sample(
            "backend/src/hub.rs",
            "use crate::session::SessionHandle;",
            1,
        );
        check_sample("backend/src/session/state.rs", "use crate::http::error;", 1);
        check_sample(
            "backend/src/hub.rs",
            "use super::session::SessionHandle;",
            1,
        );
        check_sample(
            "backend/src/room/state.rs",
            "use super::super::hub::Hub;",
            1,
        );
    }

    #[test]
    fn forward_sideways_and_outside_are_free() {
        check_sample(
            "backend/src/http/rooms.rs",
            "use crate::{hub::Hub, store::Store};",
            0,
        );
        check_sample(
            "backend/src/ws/reader.rs",
            "use crate::session::SessionHandle;",
            0,
        );
        check_sample("backend/src/hub.rs", "use crate::room::RoomHandle;", 0);
        check_sample(
            "backend/src/room/state.rs",
            "use super::tail::Tail; use crate::clock;",
            0,
        );
        check_sample("backend/src/room/tests.rs", "use super::hub_of_a_wheel;", 0);
        check_sample(
            "backend/src/app.rs",
            "use crate::{http, ws, session, hub, room};",
            0,
        );
        check_sample(
            "backend/src/store.rs",
            "// use crate::hub::Hub;\nuse http::StatusCode;",
            0,
        );
        check_sample("frontend/src/room.rs", "use crate::hub::Hub;", 0);
    }
}
