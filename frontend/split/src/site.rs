//! The folder that Trunk has filled: its two files for the page are replaced by the split ones.
//!
//! All files of one build have the same hash in their names, made of all their contents. They are useless
//! with those of another build.

use crate::write;
use eyre::{Result, WrapErr, eyre};
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

const GLUE_END: &str = ".js";
const MAIN_END: &str = "_bg.wasm";
const START: &str = "frontend-";

/// The folder, and what is to be in it.
pub(crate) struct Site {
    folder: PathBuf,
    /// The hash in the names that Trunk has given.
    old_hash: String,
    /// Names without a hash, as the files refer to each other, and contents.
    glue: String,
    loader: String,
    main: Vec<u8>,
    chunks: Vec<(String, Vec<u8>)>,
}

impl Site {
    /// Finds Trunk's files.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let mut old_hash = None;
        for entry in fs::read_dir(folder).wrap_err_with(|| format!("{}", folder.display()))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if let Some(hash) = name.strip_prefix(START) {
                old_hash = old_hash.or(hash.strip_suffix(MAIN_END).map(str::to_owned));
            }
        }
        let missing = || eyre!("{} has no {START}…{MAIN_END}", folder.display());
        Ok(Self {
            folder: folder.to_owned(),
            old_hash: old_hash.ok_or_else(missing)?,
            glue: String::new(),
            loader: String::new(),
            main: Vec::new(),
            chunks: Vec::new(),
        })
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes the JavaScript and the WebAssembly that are loaded first, and removes Trunk's.
    pub(crate) fn replace_page(&mut self, glue: &str, main: &[u8]) -> Result<()> {
        for end in [GLUE_END, MAIN_END] {
            let path = self.folder.join(format!("{START}{}{end}", self.old_hash));
            fs::remove_file(&path).wrap_err_with(|| format!("removing {}", path.display()))?;
        }
        self.glue = glue.to_owned();
        self.main = main.to_owned();
        Ok(())
    }

    /// Takes the JavaScript that fetches chunks.
    pub(crate) fn add_loader(&mut self, loader: &str) {
        self.loader = loader.to_owned();
    }

    /// Takes a chunk by the name that the loader knows.
    pub(crate) fn add_chunk(&mut self, name: &str, wasm: Vec<u8>) {
        self.chunks.push((name.to_owned(), wasm));
    }

    /// Writes the files, each referring to the others by their new names.
    pub(crate) fn write(&self) -> Result<()> {
        let hash = self.hash();
        let named = |name: &str| format!("{name}-{hash}");
        let glue = self
            .glue
            .replace(
                "from \"./chunks.js\"",
                &format!("from \"./{}.js\"", named("chunks")),
            )
            .replace("frontend_bg.wasm", &format!("{START}{hash}{MAIN_END}"));
        let mut loader = self.loader.replace(
            "\"./frontend.js\"",
            &format!("\"./{START}{hash}{GLUE_END}\""),
        );
        for (name, wasm) in &self.chunks {
            let known = format!("\"./{name}.wasm\"");
            loader = loader.replace(&known, &format!("\"./{}.wasm\"", named(name)));
            write(&self.folder.join(format!("{}.wasm", named(name))), wasm)?;
        }
        write(
            &self.folder.join(format!("{}.js", named("chunks"))),
            loader.as_bytes(),
        )?;
        let page = |end: &str| self.folder.join(format!("{START}{hash}{end}"));
        write(&page(GLUE_END), glue.as_bytes())?;
        write(&page(MAIN_END), &self.main)?;
        let index = self.folder.join("index.html");
        let html = fs::read_to_string(&index)?;
        let old = format!("{START}{}", self.old_hash);
        write(
            &index,
            html.replace(&old, &format!("{START}{hash}")).as_bytes(),
        )
    }

    fn hash(&self) -> String {
        let mut hasher = DefaultHasher::new();
        hasher.write(self.glue.as_bytes());
        hasher.write(self.loader.as_bytes());
        hasher.write(&self.main);
        for (name, wasm) in &self.chunks {
            hasher.write(name.as_bytes());
            hasher.write(wasm);
        }
        format!("{:016x}", hasher.finish())
    }
}
