//! The harness of the whole-system tests: runs the real binary on real files.
//!
//! Tests that share the demo month take it from [`demo_month`]: it is made once for a build folder, and
//! `reelproof demo` itself keeps two tests from making it at the same time. What a test changes, it
//! changes in a folder of its own.

pub mod authority;
pub mod city;
pub mod link;
pub mod nats;
pub mod place;
pub mod postgres;
pub mod running;
pub mod s3;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::SystemTime;

use serde_json::Value;

/// What the binary is made from.
const SOURCES: [&str; 13] = [
    "catalog/src",
    "catalog/migrations",
    "telemetry/src",
    "tables/src",
    "confined/src",
    "media/src",
    "work/src",
    "ingest/src",
    "analyzer/src",
    "api/src",
    "demo/src",
    "cli/src",
    "policies",
];

/// The binary, of the same profile as the tests, with `reelproof-media` beside it; `REELPROOF_TEST_BINARY`
/// names another, such as the one that was installed.
///
/// A run over the whole workspace builds both, because their own crates have tests that need them. A run of
/// this crate alone does not: then it is built here, if it is older than what it is made from.
pub fn reelproof() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(binary) = std::env::var_os("REELPROOF_TEST_BINARY") {
            return PathBuf::from(binary);
        }
        let tests = std::env::current_exe().expect("a test is a file");
        let profile = tests.ancestors().nth(2).expect("tests lie in TARGET/PROFILE/deps");
        let binary = profile.join("reelproof");
        let changed = SOURCES.iter().filter_map(|source| last_change(&root().join(source))).max();
        let built = [&binary, &profile.join("reelproof-media")].map(|program| modified(program));
        if built.iter().any(|&built| built.is_none() || built < changed) {
            let built = Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--workspace", "--bins"])
                .args(profile.ends_with("release").then_some("--release"))
                .current_dir(root())
                .status()
                .expect("cargo runs");
            assert!(built.success(), "reelproof does not build");
        }
        binary
    })
}

#[expect(clippy::disallowed_methods, reason = "of a build's outputs; footage is never judged by this")]
fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// When a file below `path`, or `path` itself, was last changed.
fn last_change(path: &Path) -> Option<SystemTime> {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().filter_map(|entry| last_change(&entry.path())).max(),
        Err(_) => modified(path),
    }
}

/// The top of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies below the top")
}

/// A folder of real media, if there is one: `REELPROOF_TEST_MEDIA`, or `shared/media` beside the checkout.
pub fn media_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("REELPROOF_TEST_MEDIA")
        .map_or_else(|| root().join("../shared/media"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there is no media folder {}; REELPROOF_TEST_MEDIA names another", folder.display());
    None
}

/// Whether the `ffmpeg` program is there; says that the test is skipped if not.
pub fn has_ffmpeg() -> bool {
    let there = Command::new("ffmpeg").arg("-version").output().is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: the ffmpeg program is not installed (`make setup` installs it)");
    }
    there
}

/// The Library of Congress' tool for BagIt bags; says that the test is skipped if it is not there.
pub fn bagit() -> Option<PathBuf> {
    tool("bagit.py", "REELPROOF_TEST_BAGIT", "bagit")
}

/// The program `name` of what the tests start: what the environment variable `variable` names, or what `make setup-test`
/// installed, or what is on the path; says that the test is skipped if there is none.
fn tool(name: &str, variable: &str, what: &str) -> Option<PathBuf> {
    let tools = std::env::var_os("REELPROOF_TOOLS").map(PathBuf::from).or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
        Some(cache?.join("reelproof/tools"))
    });
    let on_path = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).map(|folder| folder.join(name)).collect::<Vec<_>>());
    let found = std::env::var_os(variable)
        .map(PathBuf::from)
        .into_iter()
        .chain(tools.map(|tools| tools.join("python/bin").join(name)))
        .chain(on_path.unwrap_or_default())
        .find(|program| program.is_file());
    if found.is_none() {
        println!("skipped: there is no {what} to test with; `make setup-test` installs it");
    }
    found
}

/// A command of the binary in a folder of its own, without the settings of whoever runs the tests.
pub fn command(dir: &Path) -> Command {
    let mut command = Command::new(reelproof());
    command.current_dir(dir);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("REELPROOF_") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C.UTF-8");
    command
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// Exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// The JSON document on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}):\n{}\n{}", self.stdout, self.stderr))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs a command to its end.
pub fn run(dir: &Path, args: &[&str]) -> Ran {
    command(dir).args(args).output().expect("the binary runs").into()
}

/// Runs a command that must succeed.
pub fn run_ok(dir: &Path, args: &[&str]) -> Ran {
    let ran = run(dir, args);
    assert_eq!(ran.status, 0, "{args:?}\n{}\n{}", ran.stdout, ran.stderr);
    ran
}

/// The demo month after `reelproof demo --no-serve --json`, and what that printed.
pub struct DemoMonth {
    /// Its folder.
    pub dir: PathBuf,
    /// The JSON document that the demo printed.
    pub printed: Value,
    /// The answer sheet.
    pub truth: Value,
    /// Held until the test is done with the month: a catalog that another process works on cannot be copied.
    _lock: File,
}

/// What is imported of a month, and from which file.
const TABLES: [(&str, &str); 11] = [
    ("units", "units.csv"),
    ("officers", "officers.csv"),
    ("devices", "devices.csv"),
    ("cases", "cases.xlsx"),
    ("stages", "stages.csv"),
    ("links", "links.csv"),
    ("excuses", "excuses.csv"),
    ("manifest", "manifest.csv"),
    ("docks", "docks.csv"),
    ("areas", "areas.geojson"),
    ("sorties", "sorties.csv"),
];

impl DemoMonth {
    /// Its tables, in the order in which they are imported: the kind of each, and its file.
    pub fn tables(&self) -> impl Iterator<Item = (&'static str, PathBuf)> {
        TABLES.into_iter().map(|(kind, file)| (kind, self.dir.join("tables").join(file)))
    }

    /// The folder with the footage.
    pub fn evidence(&self) -> PathBuf {
        self.dir.join("evidence")
    }
}

/// Runs the demo in `dir`, which is made if it is not there, and made anew if an earlier version of the program made
/// it. Tests that want the same month have it in turn.
pub fn run_demo(dir: &Path) -> DemoMonth {
    let parent = dir.parent().expect("a folder below another");
    std::fs::create_dir_all(parent).expect("the folder can be made");
    let lock = File::create(dir.with_extension("lock")).expect("the lock can be made");
    lock.lock().expect("it can be taken");
    let dir_text = dir.to_str().expect("UTF-8");
    let args = ["demo", "--dir", dir_text, "--no-serve", "--json"];
    if run(parent, &args).stderr.contains("another version of the program") {
        std::fs::remove_dir_all(dir).expect("the old month can be deleted");
    }
    let printed = run_ok(parent, &args).json();
    let truth = std::fs::read_to_string(dir.join("truth.json")).expect("the answer sheet is there");
    let truth = serde_json::from_str(&truth).expect("it is JSON");
    DemoMonth { dir: dir.to_owned(), printed, truth, _lock: lock }
}

/// The peak of a running process's memory in bytes; `None` once it has ended, or where the system does not tell.
pub fn peak_memory_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// All that the catalog holds of the objects, but for when and in which order it came there.
pub fn contents(dir: &Path, catalog: &str) -> Value {
    let path = catalog.strip_prefix("sqlite://").expect("a URL of a file");
    let sql =
        "SELECT b.object_key, b.version, b.reading, b.signature, o.sha256, o.size_bytes, o.started_at_us,
                      o.duration_us, s.stream_index, s.packets, s.start_us, s.end_us, p.code
               FROM object b JOIN observation o USING (object_id)
               LEFT JOIN stream s USING (observation_id) LEFT JOIN problem p USING (observation_id)
               ORDER BY b.object_key, o.version, s.stream_index, p.position";
    let script = "import json, sqlite3, sys\n\
                  print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))";
    let output = Command::new("python3")
        .args(["-c", script, path, sql])
        .current_dir(dir)
        .output()
        .expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}
