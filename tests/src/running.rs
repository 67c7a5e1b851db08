//! Runs that are caught in the middle.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};

/// Waits until a run over 24 objects, whose stderr is piped, says that some are done.
pub fn wait_for_progress(child: &mut Child) {
    let lines = BufReader::new(child.stderr.take().expect("its stderr is piped")).lines();
    for line in lines {
        if line.expect("it can be read").contains("/24 done") {
            return;
        }
    }
    panic!("the run was over before it said anything");
}

/// Sends a signal, `-KILL` or `-TERM`.
pub fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().expect("there is a kill");
    assert!(sent.success());
}
