//! `cargo xtask tidy`: the conventions of the tree that no other tool checks. Each rule is a file in
//! `tidy/`; each complaint names a file, a line, and what to do.

mod code;
mod codepath;
mod colours;
mod cycles;
mod dependencies;
mod fences;
mod header;
mod layers;
mod links;
mod modules;
mod size;
mod source;
mod vocabulary;
mod whitespace;

use anyhow::{Result, bail};
use source::SourceFile;
use std::path::Path;
use std::process::ExitCode;

/// A broken convention.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Complaint {
    path: String,
    line: usize,
    text: String,
}

impl Complaint {
    fn new(file: &SourceFile, line: usize, text: impl Into<String>) -> Self {
        Self {
            path: file.path.clone(),
            line,
            text: text.into(),
        }
    }
}

/// Every rule looks at one file at a time, and says nothing about files that it is not for.
const RULES: &[fn(&SourceFile) -> Vec<Complaint>] = &[
    colours::check,
    dependencies::check,
    fences::check,
    header::check,
    size::check,
    vocabulary::check,
    whitespace::check,
];

/// Runs the command.
pub(crate) fn tidy(root: &Path) -> Result<ExitCode> {
    check_tree(root)?;
    Ok(ExitCode::SUCCESS)
}

/// Checks every file of the tree; the error says how many complaints were printed.
pub(crate) fn check_tree(root: &Path) -> Result<()> {
    let files = source::read_tree(root)?;
    let mut complaints: Vec<Complaint> = files
        .iter()
        .flat_map(|file| RULES.iter().flat_map(|rule| rule(file)))
        .collect();
    complaints.extend(files.iter().flat_map(|file| links::check(root, file)));
    complaints.extend(cycles::check(&files));
    complaints.extend(layers::check(&files));
    complaints.sort();
    for Complaint { path, line, text } in &complaints {
        println!("{path}:{line}: {text}");
    }
    if !complaints.is_empty() {
        bail!(
            "{} conventions broken in {} files read",
            complaints.len(),
            files.len()
        );
    }
    println!("tidy: {} files, nothing to complain about", files.len());
    Ok(())
}
