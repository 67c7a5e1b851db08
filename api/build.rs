//! Takes the built web UI (`web/dist`) into the service, so that one program is all there is to install.
//!
//! Without it, which is the case on a machine without Node, the list is empty and the service shows a page that
//! says how to build it. `web/dist` itself is always there: it holds a file that keeps it.

#![expect(clippy::expect_used, reason = "a build that fails says why and ends")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let dist = here.join("../web/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    collect(&dist, &mut files);
    files.sort();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    // Copies: the pages may be built anew while this crate is compiled.
    let taken = out.join("ui");
    let _ = fs::remove_dir_all(&taken);
    fs::create_dir_all(&taken).expect("cargo's own folder can be written");
    let take = |number: usize, file: &Path, end: &str| {
        let copy = taken.join(format!("{number}{end}"));
        fs::copy(file, &copy).expect("what was listed can be read");
        quoted(&copy)
    };
    let mut list = String::from("pub(super) const BUILT: &[File] = &[\n");
    // A page without its entry is half a build, and worse than none.
    if dist.join("index.html").is_file() {
        for (number, file) in files.iter().filter(|file| served(file)).enumerate() {
            let address = file.strip_prefix(&dist).expect("collected beneath it");
            let address = address.to_str().expect("names of the build are ASCII").replace('\\', "/");
            let gzip = PathBuf::from(format!("{}.gz", file.display()));
            let gzip = gzip.is_file().then_some(gzip);
            let gzip = gzip.map_or("None".to_owned(), |gzip| {
                format!("Some(include_bytes!({}))", take(number, &gzip, ".gz"))
            });
            writeln!(
                list,
                "    File {{ address: \"/{address}\", bytes: include_bytes!({}), gzip: {gzip} }},",
                take(number, file, "")
            )
            .expect("a String takes everything");
        }
    }
    list.push_str("];\n");
    fs::write(out.join("ui.rs"), list).expect("cargo's own folder can be written");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Not the compressed twins, nor what only the build needs.
fn served(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let compressed = file.extension().is_some_and(|extension| extension == "gz");
    !(compressed || name.starts_with('.') || name == "manifest.json")
}

fn quoted(path: &Path) -> String {
    format!("{:?}", path.to_str().expect("the build's folder has a name in UTF-8"))
}
