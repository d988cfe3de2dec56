//! Splits the page that Trunk has built: the chat is one WebAssembly file, and every chunk named in
//! `frontend/src/lazy.rs` is another, fetched when it is needed. `cargo xtask run` calls this after Trunk.
//!
//! In order: [`transform`] cuts the linked file along its split points, wasm-bindgen makes the JavaScript
//! for the main part, [`wasm`] removes names and debug information, [`imports`] shortens the names by
//! which both sides know each other, and [`site`] puts the files in place of Trunk's.

mod imports;
mod items;
mod reader;
mod site;
mod styles;
mod wasm;

use eyre::{Result, WrapErr, bail, eyre};
use site::Site;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};
use wasm_split_cli_support::{Options, transform};

const USAGE: &str = "usage: split <linked wasm> <site folder> <wasm-bindgen> <report>";

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [linked, site, bindgen, report] = arguments.as_slice() else {
        bail!("{USAGE}");
    };
    let work = linked
        .parent()
        .ok_or_else(|| eyre!("{USAGE}"))?
        .join("split");
    if work.exists() {
        fs::remove_dir_all(&work).wrap_err_with(|| format!("emptying {}", work.display()))?;
    }
    let chunks = cut(linked, &work)?;
    bind(bindgen, &work)?;

    let mut main = read(&work.join("bound/frontend_bg.wasm"))?;
    let mut glue = read_text(&work.join("bound/frontend.js"))?;
    let items = items::largest(&main).wrap_err("reading the names in the main file")?;
    write(report, items.as_bytes())?;
    imports::shorten(&mut glue, &mut main)?;
    let mut site = Site::open(site)?;
    site.replace_page(&glue, &wasm::without_custom_sections(&main)?)?;
    site.add_loader(&read_text(&work.join("chunks.js"))?);
    for chunk in chunks {
        let name = chunk.file_stem().unwrap_or_default().to_string_lossy();
        site.add_chunk(&name, wasm::without_custom_sections(&read(&chunk)?)?);
    }
    site.write()?;
    styles::merge(site.folder())
}

/// Cuts the linked file along its split points. The main part is `frontend.wasm` in the folder; returns
/// the others.
fn cut(linked: &Path, work: &Path) -> Result<Vec<PathBuf>> {
    let input = read(linked)?;
    let main = work.join("frontend.wasm");
    let mut options = Options::new(&input);
    options.output_dir = work;
    options.main_out_path = &main;
    options.link_name = "./chunks.js";
    options.main_module = "./frontend.js";
    let mut chunks = transform(options)
        .wrap_err_with(|| format!("splitting {}", linked.display()))?
        .split_modules;
    if chunks.is_empty() {
        bail!(
            "{} has no split points: it was built without the feature `split`",
            linked.display()
        );
    }
    chunks.sort();
    // A chunk without code has no file.
    chunks.retain(|chunk| chunk.is_file());
    Ok(chunks)
}

/// Makes the JavaScript for the main part.
fn bind(bindgen: &Path, work: &Path) -> Result<()> {
    let status = Command::new(bindgen)
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
        .args(["--no-demangle", "--out-name", "frontend", "--out-dir"])
        .arg(work.join("bound"))
        .arg(work.join("frontend.wasm"))
        .status()
        .wrap_err_with(|| format!("starting {}", bindgen.display()))?;
    if !status.success() {
        bail!("wasm-bindgen failed ({status}); its own message is above");
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).wrap_err_with(|| format!("reading {}", path.display()))
}

fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).wrap_err_with(|| format!("reading {}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).wrap_err_with(|| format!("writing {}", path.display()))
}
