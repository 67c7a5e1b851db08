//! How a child came to its end, in words for the person who has to decide about the object.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why a child gave no report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChildEnd {
    /// A signal ended it: a crash, a limit, or the machine's out-of-memory killer.
    Signal {
        /// Number of the signal.
        signal: i32,
    },
    /// It left of its own accord.
    Exited {
        /// Its exit status; `None` if the system did not tell.
        code: Option<i32>,
    },
    /// It panicked or gave up, and said so.
    Failed {
        /// In its words.
        detail: String,
    },
    /// It said nothing for so long.
    Silent {
        /// In seconds.
        after_s: u64,
    },
    /// It kept talking, but took longer than an object of this size may.
    Slow {
        /// In seconds, without the time the store took.
        after_s: u64,
    },
    /// It said what no honest child says.
    Protocol {
        /// What that was.
        detail: String,
    },
    /// It asked for far more than there is.
    Greedy {
        /// What the limit was.
        detail: String,
    },
}

impl ChildEnd {
    /// From what the system says about an ended process.
    pub(super) fn from_status(status: ExitStatus) -> Self {
        match status.signal() {
            Some(signal) => Self::Signal { signal },
            None => Self::Exited { code: status.code() },
        }
    }

    pub(super) fn silent(after: Duration) -> Self {
        Self::Silent { after_s: after.as_secs() }
    }

    /// Whether the child had to be stopped because it did not come to an end.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Silent { .. } | Self::Slow { .. })
    }

    /// Whether the child broke the rules of the conversation.
    pub fn is_breach(&self) -> bool {
        matches!(self, Self::Protocol { .. } | Self::Greedy { .. })
    }
}

impl fmt::Display for ChildEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal { signal } => {
                let (name, meaning) = signal_name(*signal);
                write!(f, "the examining process was ended by signal {signal} ({name}: {meaning})")
            }
            Self::Exited { code: Some(code) } => {
                write!(f, "the examining process left without a report (exit status {code})")
            }
            Self::Exited { code: None } => f.write_str("the examining process left without a report"),
            Self::Failed { detail } => write!(f, "the examining process failed: {detail}"),
            Self::Silent { after_s } => {
                write!(f, "the examining process made no progress for {after_s} s and was stopped")
            }
            Self::Slow { after_s } => write!(
                f,
                "the examining process was not done after {after_s} s, too long for an object of this size, \
                 and was stopped"
            ),
            Self::Protocol { detail } => {
                write!(f, "the examining process misbehaved and was stopped: it sent {detail}")
            }
            Self::Greedy { detail } => {
                write!(f, "the examining process asked for too much and was stopped: {detail}")
            }
        }
    }
}

/// Name of a signal, and what it means for a child.
fn signal_name(signal: i32) -> (&'static str, &'static str) {
    match signal {
        libc::SIGSEGV => ("SIGSEGV", "a crash"),
        libc::SIGBUS => ("SIGBUS", "a crash"),
        libc::SIGILL => ("SIGILL", "a crash"),
        libc::SIGFPE => ("SIGFPE", "a crash in arithmetic"),
        libc::SIGABRT => ("SIGABRT", "it gave up, as it does when its memory limit is reached"),
        libc::SIGXCPU => ("SIGXCPU", "its limit of processor time is used up"),
        libc::SIGKILL => ("SIGKILL", "from outside, as the kernel does when the machine runs out of memory"),
        libc::SIGSYS => ("SIGSYS", "a forbidden system call"),
        libc::SIGTERM => ("SIGTERM", "from outside"),
        libc::SIGPIPE => ("SIGPIPE", "the connection was closed"),
        _ => ("unnamed", "see signal(7)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_in_words() {
        for (end, part) in [
            (ChildEnd::from_status(ExitStatus::from_raw(11)), "signal 11 (SIGSEGV: a crash)"),
            (ChildEnd::from_status(ExitStatus::from_raw(24)), "processor time"),
            (ChildEnd::from_status(ExitStatus::from_raw(3 << 8)), "exit status 3"),
            (ChildEnd::silent(Duration::from_secs(30)), "no progress for 30 s"),
            (ChildEnd::Failed { detail: "boom".to_owned() }, "failed: boom"),
        ] {
            assert!(end.to_string().contains(part), "{end}");
        }
    }
}
