//! Where the child's executable is.
//!
//! It is installed beside `reelproof` and looked for there and nowhere else: a search through `PATH` could
//! find that of another version, or one that somebody planted. Who keeps it elsewhere names it. It is
//! opened once and started through that descriptor, so that all children of a run are the same program,
//! even after an upgrade replaced the file.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use confined::PROGRAM;

use super::ChildError;

/// How children are started.
#[derive(Debug, Clone)]
pub struct ChildCommand {
    /// Where the program was found.
    pub program: PathBuf,
    /// Its arguments; the limits follow as one more.
    pub args: Vec<String>,
    /// Its whole environment, but for what the loader needs.
    pub envs: Vec<(String, String)>,
    /// The program itself; `None` starts whatever stands at the path.
    opened: Option<Arc<File>>,
}

impl ChildCommand {
    /// Whatever stands at this path when a child is started.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), args: Vec::new(), envs: Vec::new(), opened: None }
    }

    /// The program that was `named`, or else the one beside the running executable.
    ///
    /// # Errors
    /// [`ChildError::NotInstalled`] where there is none.
    pub fn find(named: Option<&Path>) -> Result<Self, ChildError> {
        let program = match named {
            Some(named) => std::path::absolute(named),
            None => std::env::current_exe().map(|running| running.with_file_name(PROGRAM)),
        };
        let not_installed = |program: &Path, source| ChildError::NotInstalled {
            program: program.to_owned(),
            named: named.is_some(),
            source,
        };
        let program = program.map_err(|source| not_installed(Path::new(PROGRAM), source))?;
        let opened = File::open(&program).and_then(|file| {
            // A folder can be opened, too.
            if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no file")) }
        });
        let opened = opened.map_err(|source| not_installed(&program, source))?;
        Ok(Self { opened: Some(Arc::new(opened)), ..Self::new(program) })
    }

    /// What the system is asked to start.
    pub(super) fn executable(&self) -> PathBuf {
        // A forked process has the same descriptors until it has become the program.
        self.opened.as_ref().map_or_else(
            || self.program.clone(),
            |file| PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd())),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_named_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let named = ChildCommand::find(Some(&dir.path().join("elsewhere"))).unwrap_err().to_string();
        assert!(named.contains("elsewhere") && named.contains("ingest.media_program"), "{named}");
        let folder = ChildCommand::find(Some(dir.path())).unwrap_err().to_string();
        assert!(folder.contains("it is no file"), "{folder}");
        // A unit test has no such neighbour.
        let beside = ChildCommand::find(None).unwrap_err().to_string();
        assert!(beside.contains("deps/reelproof-media") && beside.contains("in the same folder"), "{beside}");
    }

    #[test]
    fn a_program_that_was_found_is_started_even_after_its_file_was_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join(PROGRAM);
        std::fs::copy("/bin/true", &program).unwrap();
        let command = ChildCommand::find(Some(&program)).unwrap();
        std::fs::remove_file(&program).unwrap();
        std::fs::copy("/bin/false", &program).unwrap();
        let status = std::process::Command::new(command.executable()).status().unwrap();
        assert!(status.success());
    }
}
