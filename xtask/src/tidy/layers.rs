//! The layers of the backend: a module may depend on modules in lower layers only. The list names every
//! module of `backend/src`, so each new one gets its layer when it is made.

use super::Complaint;
use super::modules::{Crate, crates};
use super::source::SourceFile;
use std::collections::BTreeSet;

/// From the bottom up. Modules of one layer do not depend on each other.
const LAYERS: &[&[&str]] = &[
    &[
        "assets",
        "clock",
        "config",
        "descriptors",
        "redis_server",
        "shutdown",
        "socket",
        "sharded_lock",
        "supervisor",
        "telemetry",
        "unicode",
        "wire",
        "write_behind",
    ],
    &["bus", "store"],
    &["limits"],
    &["audit", "engine"],
    &["auth"],
    &["room"],
    &["hub"],
    &["cluster", "session"],
    &["invalidation"],
    &["request"],
    &["ws"],
    &["http"],
    &["worker"],
    &["app"],
    &["cli"],
    &["main"],
];

const CRATE: &str = "backend";

/// This file, where the list is.
const HERE: &str = "xtask/src/tidy/layers.rs";

/// Complains about dependencies on the same or a higher layer, and where list and folder differ.
pub(super) fn check(files: &[SourceFile]) -> Vec<Complaint> {
    let crates = crates(files);
    let backend = crates.iter().find(|krate| krate.folder == CRATE);
    backend.map_or_else(Vec::new, |backend| check_layers(backend, LAYERS))
}

fn check_layers(krate: &Crate, layers: &[&[&str]]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let layer_of = |name: &str| layers.iter().position(|layer| layer.contains(&name));
    let mut modules = BTreeSet::new();
    for (module, file) in krate.files() {
        let Some(name) = module.first() else { continue };
        if modules.insert(name.as_str()) && layer_of(name).is_none() {
            let text = format!("{name} has no layer: add it to the list in {HERE}");
            complaints.push(Complaint::new(file, 1, text));
        }
    }
    for name in layers
        .concat()
        .iter()
        .filter(|name| !modules.contains(*name))
    {
        complaints.push(Complaint {
            path: HERE.to_owned(),
            line: 1,
            text: format!(
                "{}/src has no module {name}: remove it from the list",
                krate.folder
            ),
        });
    }
    for reference in krate.references() {
        let (Some(from), Some(to)) = (reference.from.first(), reference.to.first()) else {
            continue;
        };
        let (Some(own), Some(other)) = (layer_of(from), layer_of(to)) else {
            continue;
        };
        if from != to && other >= own {
            let place = if other == own { "the same" } else { "a higher" };
            let text = format!("{from} must not depend on {to}, which is in {place} layer");
            complaints.push(Complaint::new(reference.file, reference.line, text));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::sample;

    const SAMPLE: &[&[&str]] = &[&["clock", "store"], &["room"], &["http", "ws"]];

    /// The lines of the complaints about one file, in a crate with a file for each layer.
    fn check_sample(path: &str, text: &str, expected: &[&str]) {
        let rest = ["clock", "store", "room", "http", "ws", "lib"];
        let rest = rest.map(|name| sample(&format!("backend/src/{name}.rs"), ""));
        let mut files: Vec<SourceFile> = rest.into();
        files.retain(|file| file.path != path);
        files.push(sample(path, text));
        let crates = crates(&files);
        let found = crates.iter().flat_map(|krate| check_layers(krate, SAMPLE));
        let found: Vec<String> = found.map(|complaint| complaint.text).collect();
        assert_eq!(found.len(), expected.len(), "{path}: {text}: {found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{path}: {text}: {found}");
        }
    }

    #[test]
    fn a_module_depends_on_lower_layers_only() {
        let up = "store must not depend on room, which is in a higher layer";
        check_sample(
            "backend/src/store/sqlite.rs",
            "use crate::room::Room;",
            &[up],
        );
        check_sample("backend/src/store.rs", "use super::room::Room;", &[up]);
        check_sample("backend/src/store/a.rs", "use super::super::room;", &[up]);
        check_sample(
            "backend/src/room.rs",
            "use crate::{store, clock::Clock};",
            &[],
        );
        check_sample("backend/src/ws.rs", "fn f() { crate::room::open() }", &[]);
        check_sample("backend/src/lib.rs", "pub mod room; use room::Room;", &[]);
        check_sample("backend/src/room.rs", "use http::Uri; // crate::ws", &[]);
        check_sample("backend/src/room/a/tests.rs", "use crate::ws;", &[]);
    }

    #[test]
    fn modules_of_one_layer_do_not_depend_on_each_other() {
        let beside = "http must not depend on ws, which is in the same layer";
        check_sample("backend/src/http/a.rs", "use crate::ws::a;", &[beside]);
        check_sample("backend/src/ws.rs", "use crate::ws::reader;", &[]);
    }

    #[test]
    fn every_module_has_a_layer_and_every_name_a_module() {
        check_sample("backend/src/bus/redis.rs", "", &["bus has no layer"]);
        let missing = sample("backend/src/clock.rs", "");
        let crates = crates(std::slice::from_ref(&missing));
        let found = crates.iter().flat_map(|krate| check_layers(krate, SAMPLE));
        assert_eq!(found.count(), 4);
    }
}
