//! Puts the built page into the program: every file of `$HUBBUB_PAGE_DIR`, as it is and compressed
//! once, here, as far as it goes, so that serving it costs nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=HUBBUB_PAGE_DIR");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut files = BTreeMap::new();
    if let Some(page) = env::var_os("HUBBUB_PAGE_DIR").map(PathBuf::from) {
        println!("cargo::rerun-if-changed={}", page.display());
        gather(&page, &page, &mut files)?;
    }
    let mut table = String::from("&[\n");
    for (number, (path, file)) in files.iter().enumerate() {
        let bytes = fs::read(file)?;
        let stem = out.join(format!("page-{number}"));
        fs::write(stem.with_extension("raw"), &bytes)?;
        fs::write(stem.with_extension("br"), brotli(&bytes)?)?;
        fs::write(stem.with_extension("gz"), gzip(&bytes)?)?;
        let include = |kind: &str| format!("include_bytes!({:?})", stem.with_extension(kind));
        let (raw, br, gz) = (include("raw"), include("br"), include("gz"));
        writeln!(
            table,
            "    Asset {{ path: {path:?}, raw: {raw}, br: {br}, gz: {gz} }},"
        )
        .map_err(io::Error::other)?;
    }
    table.push(']');
    fs::write(out.join("page.rs"), table)
}

/// Every file below `folder`, by its path from `root` with slashes.
fn gather(root: &Path, folder: &Path, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(root, &path, files)?;
        } else if let Ok(below) = path.strip_prefix(root) {
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(format!("/{}", parts.join("/")), path);
        }
    }
    Ok(())
}

fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 11,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut io::Cursor::new(bytes), &mut packed, &settings)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes)?;
    packed.finish()
}
