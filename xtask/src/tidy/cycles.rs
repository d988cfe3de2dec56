//! No dependency cycles: of two sibling modules, at most one depends on the other, directly or through
//! others. A module includes everything in its folder; parent and child may depend on each other.

use super::Complaint;
use super::modules::{Crate, ModulePath, Reference, crates};
use super::source::SourceFile;
use std::collections::{BTreeMap, BTreeSet};

/// Which siblings depend on which, with the places in the source.
type Graph<'a> = BTreeMap<String, BTreeMap<String, Vec<Reference<'a>>>>;

/// Complains about every dependency cycle, in all crates of the tree.
pub(super) fn check(files: &[SourceFile]) -> Vec<Complaint> {
    let crates = crates(files);
    crates.iter().flat_map(check_crate).collect()
}

fn check_crate(krate: &Crate) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (parent, graph) in folders(krate) {
        for cycle in cycles(&graph) {
            complaints.extend(complain(krate, &parent, &graph, &cycle));
        }
    }
    complaints
}

/// The graph of each folder's modules.
fn folders<'a>(krate: &Crate<'a>) -> BTreeMap<ModulePath, Graph<'a>> {
    let mut folders: BTreeMap<ModulePath, Graph> = BTreeMap::new();
    for reference in krate.references() {
        let (from, to) = (&reference.from, &reference.to);
        let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
        // One contains the other: parent and child.
        let (Some(left), Some(right)) = (from.get(common), to.get(common)) else {
            continue;
        };
        let (left, right) = (left.clone(), right.clone());
        let parent = from.iter().take(common).cloned().collect();
        let graph = folders.entry(parent).or_default();
        let named = graph.entry(left).or_default().entry(right).or_default();
        named.push(reference);
    }
    folders
}

/// The strongly connected components of two modules or more.
fn cycles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let mut remaining: BTreeSet<&String> = graph.keys().collect();
    let mut cycles = Vec::new();
    while let Some(module) = remaining.pop_first() {
        let ahead = reachable(graph, module);
        let returns = |other: &&String| reachable(graph, other).contains(module);
        let cycle: BTreeSet<String> = ahead.iter().filter(returns).cloned().collect();
        remaining.retain(|other| !cycle.contains(*other));
        if cycle.len() > 1 {
            cycles.push(cycle);
        }
    }
    cycles
}

/// What a module depends on, directly or through others.
fn reachable(graph: &Graph, module: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = vec![module];
    while let Some(module) = next.pop() {
        for named in graph.get(module).into_iter().flat_map(BTreeMap::keys) {
            if found.insert(named.clone()) {
                next.push(named);
            }
        }
    }
    found
}

/// One complaint for a cycle, at its first reference, with each of its edges.
fn complain(
    krate: &Crate,
    parent: &[String],
    graph: &Graph,
    cycle: &BTreeSet<String>,
) -> Option<Complaint> {
    let mut edges = Vec::new();
    let mut first = None;
    for (from, named) in graph.iter().filter(|(from, _)| cycle.contains(*from)) {
        for (to, references) in named.iter().filter(|(to, _)| cycle.contains(*to)) {
            let reference = references.first()?;
            let (path, line) = (&reference.file.path, reference.line);
            edges.push(format!(
                "{from} -> {to} ({}, first at {path}:{line})",
                times(references.len())
            ));
            first = first.or(Some(reference));
        }
    }
    let folder = [&krate.folder, "src"];
    let folder: Vec<&str> = folder
        .into_iter()
        .chain(parent.iter().map(String::as_str))
        .collect();
    let (folder, edges) = (folder.join("/"), edges.join(", "));
    let text = format!("dependency cycle in {folder}: {edges}; remove one direction");
    first.map(|first| Complaint::new(first.file, first.line, text))
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}

#[cfg(test)]
mod tests;
