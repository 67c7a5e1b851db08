//! What a child gives up before it sees the first byte of evidence.
//!
//! Three layers, each of which would do for most attacks, and none of which needs privileges:
//!
//! 1. **Resource limits** (`setrlimit(2)`): address space, processor time, no files to write, no
//!    core dumps, no further processes, no further descriptors. Limits are hard: only root could
//!    raise them, and by then `prlimit` is gone as well.
//! 2. **Landlock** (`landlock(7)`): no right to any file or directory, to TCP, to abstract sockets
//!    or to signals outside. It grants nothing, so there is no path to get wrong.
//! 3. **seccomp** (`seccomp(2)`): an allow-list of what a computation that talks over two open
//!    descriptors needs. Everything else fails with `EPERM`: no `open`, no `socket`, no `clone`,
//!    no `execve`, no `ptrace`, no executable memory.
//!
//! Refusing with `EPERM` was chosen over killing: an attacker gets nothing either way, while a C
//! library that tries something harmless and new (and has a way round it) goes on working.
//! FFmpeg's demultiplexers run on one thread, so threads are refused too: work is spread over
//! children, not inside them.
//!
//! Where a kernel lacks a layer, the others still stand and [`SandboxReport`] says which is missing:
//! running on an old kernel is the operator's decision, but never a silent one.

use std::collections::BTreeMap;
use std::fmt;

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
use rlimit::Resource;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use serde::{Deserialize, Serialize};

/// How much a child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildLimits {
    /// Address space, libraries included.
    pub memory_bytes: u64,
    /// Processor time over the child's whole life, in seconds.
    pub cpu_s: u64,
}

impl Default for ChildLimits {
    fn default() -> Self {
        Self { memory_bytes: 1 << 30, cpu_s: 3600 }
    }
}

/// Whether one layer of the sandbox holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// All of it.
    Enforced,
    /// A part, because the kernel knows no more; with what is missing.
    Partial(String),
    /// Nothing, with the reason.
    Missing(String),
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enforced => f.write_str("enforced"),
            Self::Partial(why) => write!(f, "partly enforced ({why})"),
            Self::Missing(why) => write!(f, "MISSING ({why})"),
        }
    }
}

/// Which layers the kernel granted, for the service to say at start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxReport {
    /// Limits of memory, time, files and processes.
    pub limits: Layer,
    /// No files, no TCP.
    pub landlock: Layer,
    /// System calls, from an allow-list.
    pub seccomp: Layer,
}

impl SandboxReport {
    /// Of a child that has not told yet.
    pub fn unknown() -> Self {
        let unknown = || Layer::Missing("not told yet".to_owned());
        Self { limits: unknown(), landlock: unknown(), seccomp: unknown() }
    }

    /// Whether every layer holds in full.
    pub fn is_complete(&self) -> bool {
        [&self.limits, &self.landlock, &self.seccomp].into_iter().all(|layer| *layer == Layer::Enforced)
    }
}

/// `resource limits enforced, Landlock enforced, seccomp enforced`.
impl fmt::Display for SandboxReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "resource limits {}, Landlock {}, seccomp {}", self.limits, self.landlock, self.seccomp)
    }
}

/// Gives up everything that examining bytes does not need, for good. Libraries must have been
/// loaded and initialised before. The calling thread should be the only one: Landlock binds it alone
/// (and threads it starts), which the report then says.
pub fn lock_down(limits: ChildLimits) -> SandboxReport {
    let threads = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    // Landlock first: it needs a descriptor and system calls that the other two take away.
    let landlock = match apply_landlock() {
        Layer::Enforced if threads > 1 => Layer::Partial(format!(
            "{} other threads were already running: become a child before anything else is started",
            threads - 1
        )),
        layer => layer,
    };
    let limits = apply_limits(limits);
    let seccomp = match seccomp_program().and_then(|program| {
        seccompiler::apply_filter_all_threads(&program).map_err(|error| error.to_string())
    }) {
        Ok(()) => Layer::Enforced,
        Err(why) => Layer::Missing(why),
    };
    SandboxReport { limits, landlock, seccomp }
}

fn apply_limits(limits: ChildLimits) -> Layer {
    let wanted = [
        ("address space", Resource::AS, limits.memory_bytes),
        ("processor time", Resource::CPU, limits.cpu_s),
        ("file size", Resource::FSIZE, 0),
        ("core dumps", Resource::CORE, 0),
        ("processes", Resource::NPROC, 0),
        ("descriptors", Resource::NOFILE, 0),
    ];
    let refused: Vec<String> = wanted
        .into_iter()
        .filter_map(|(name, resource, limit)| {
            // A stricter limit that the operator already set must stay.
            let hard = resource.get().map_or(limit, |(_, hard)| hard.min(limit));
            resource.set(hard, hard).err().map(|error| format!("{name}: {error}"))
        })
        .collect();
    if refused.is_empty() { Layer::Enforced } else { Layer::Partial(refused.join("; ")) }
}

/// The newest version of Landlock whose rights were tried with this code.
const LANDLOCK_ABI: ABI = ABI::V6;

fn apply_landlock() -> Layer {
    let restrict = || {
        Ruleset::default()
            .handle_access(AccessFs::from_all(LANDLOCK_ABI))?
            .handle_access(AccessNet::from_all(LANDLOCK_ABI))?
            .scope(Scope::from_all(LANDLOCK_ABI))?
            .create()?
            .restrict_self()
    };
    match restrict() {
        Ok(status) => match status.ruleset {
            RulesetStatus::FullyEnforced => Layer::Enforced,
            RulesetStatus::PartiallyEnforced => {
                Layer::Partial("this kernel knows only older rights; Linux 6.12 knows all".to_owned())
            }
            RulesetStatus::NotEnforced => {
                Layer::Missing("this kernel has no Landlock, or it is switched off at boot".to_owned())
            }
        },
        Err(error) => Layer::Missing(error.to_string()),
    }
}

fn seccomp_program() -> Result<BpfProgram, String> {
    let filter = seccomp_filter().map_err(|error| error.to_string())?;
    BpfProgram::try_from(filter).map_err(|error| error.to_string())
}

fn seccomp_filter() -> Result<SeccompFilter, seccompiler::BackendError> {
    let always = [
        // The two open descriptors.
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_readv,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_fstat,
        // Memory.
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        // Locks and time.
        libc::SYS_futex,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_sched_yield,
        // What a thread does when it starts: one that was created just before must not be killed by
        // the C library for it. No new ones can be created.
        libc::SYS_rseq,
        libc::SYS_set_robust_list,
        libc::SYS_restart_syscall,
        // Questions about itself.
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_getrandom,
        libc::SYS_sched_getaffinity,
        // Signals that the process sends to itself, and its end.
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        always.into_iter().map(|call| (call, Vec::new())).collect();

    // No memory that can be executed, neither new nor turned.
    let not_executable = || {
        let exec = u64::from(libc::PROT_EXEC.unsigned_abs());
        let masked = SeccompCmpOp::MaskedEq(exec);
        SeccompRule::new(vec![SeccompCondition::new(2, SeccompCmpArgLen::Dword, masked, 0)?])
    };
    rules.insert(libc::SYS_mmap, vec![not_executable()?]);
    rules.insert(libc::SYS_mprotect, vec![not_executable()?]);

    // `abort` signals the own process; no other may be signalled.
    let own_pid = u64::from(std::process::id());
    let own = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, own_pid)?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![own])?]);

    SeccompFilter::new(
        rules.into_iter().collect(),
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )
}

/// What a locked-down process tried, and whether it was refused: the sandbox shown, not claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// What was tried.
    pub what: String,
    /// How it was refused; `None` if it worked, which it must not.
    pub refused: Option<String>,
}

/// Tries what a locked-down process must not be able to do.
pub fn attempts() -> Vec<Attempt> {
    fn attempt<T>(what: &str, tried: std::io::Result<T>) -> Attempt {
        Attempt { what: what.to_owned(), refused: tried.err().map(|error| error.to_string()) }
    }
    let scratch = std::env::temp_dir().join(format!("reelproof-self-test-{}", std::process::id()));
    let mut memory = Vec::<u8>::new();
    vec![
        attempt("read a file", std::fs::read("/etc/passwd")),
        attempt("list a directory", std::fs::read_dir("/")),
        attempt("write a file", std::fs::write(&scratch, b"x")),
        attempt("listen on TCP", std::net::TcpListener::bind("127.0.0.1:0")),
        attempt("connect over TCP", std::net::TcpStream::connect("127.0.0.1:9")),
        attempt("open a UDP socket", std::net::UdpSocket::bind("127.0.0.1:0")),
        attempt("open a local socket", std::os::unix::net::UnixDatagram::unbound()),
        attempt("start a process", std::process::Command::new("/bin/true").status()),
        attempt("start a thread", std::thread::Builder::new().spawn(|| ())),
        attempt("raise a limit", Resource::FSIZE.set(1 << 20, 1 << 20)),
        attempt("take more memory", memory.try_reserve_exact(1 << 40).map_err(std::io::Error::other)),
    ]
}
