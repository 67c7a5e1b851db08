//! A machine for a test: a network namespace of its own where the system allows it, else nothing but a folder.
//!
//! What runs in a namespace reaches one address, that of its cable's other end, and nothing else: whatever it needs has to be
//! there. The cable can be pulled, which no connection is told of. Making a namespace needs root.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};

/// A machine.
pub struct Place {
    /// Where it reaches what is outside.
    pub outside: Ipv4Addr,
    /// Where it is reached.
    pub inside: Ipv4Addr,
    namespace: Option<Namespace>,
}

struct Namespace {
    name: String,
    /// The outer end of its cable.
    cable: String,
}

/// What names of namespaces begin with; the process that made them follows.
const PREFIX: &str = "reelproof-test-";

fn ip(arguments: &str) -> Result<(), String> {
    let output = Command::new("ip").args(arguments.split(' ')).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("ip: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("ip {arguments}: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}

/// Takes away what tests left that were killed.
fn sweep() {
    let names = std::fs::read_dir("/run/netns").into_iter().flatten().flatten();
    for name in names.filter_map(|entry| entry.file_name().into_string().ok()) {
        let process =
            name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-')).map(|(process, _)| process);
        if process.is_some_and(|process| !std::path::Path::new("/proc").join(process).exists()) {
            let _ = ip(&format!("netns del {name}"));
        }
    }
}

impl Place {
    /// Machine `number` of this process. Says so where it shares the network of this one.
    pub fn new(number: u32) -> Self {
        match Self::apart(number) {
            Ok(place) => place,
            Err(reason) => {
                println!(
                    "no network namespace for host {number}, so it shares this machine's network: {reason}"
                );
                Self { outside: Ipv4Addr::LOCALHOST, inside: Ipv4Addr::LOCALHOST, namespace: None }
            }
        }
    }

    fn apart(number: u32) -> Result<Self, String> {
        sweep();
        let process = std::process::id();
        let namespace =
            Namespace { name: format!("{PREFIX}{process}-{number}"), cable: format!("rp{process}h{number}") };
        // A net of four addresses in 10.213.0.0/16, which differs from those of other tests that run now.
        let net = u32::from(Ipv4Addr::new(10, 213, 0, 0)) + (process * 4 + number) % 16_384 * 4;
        let (outside, inside) = (Ipv4Addr::from(net + 1), Ipv4Addr::from(net + 2));
        let Namespace { name, cable } = &namespace;
        ip(&format!("netns add {name}"))?;
        // From here on it is taken away again, whatever fails.
        let place = Self { outside, inside, namespace: None };
        let place = Self { namespace: Some(Namespace { name: name.clone(), cable: cable.clone() }), ..place };
        ip(&format!("link add {cable} type veth peer name eth0 netns {name}"))?;
        ip(&format!("addr add {outside}/30 dev {cable}"))?;
        ip(&format!("link set {cable} up"))?;
        ip(&format!("-n {name} addr add {inside}/30 dev eth0"))?;
        ip(&format!("-n {name} link set eth0 up"))?;
        ip(&format!("-n {name} link set lo up"))?;
        // Filters of packets may stand in the way.
        let listener = TcpListener::bind((outside, 0)).map_err(|error| format!("{outside}: {error}"))?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let mut connects = place.command("timeout");
        connects.args(["5", "bash", "-c", &format!("exec 3<>/dev/tcp/{outside}/{port}")]);
        let connected = connects.stdin(Stdio::null()).stderr(Stdio::null()).status();
        match connected {
            Ok(status) if status.success() => Ok(place),
            _ => Err(format!("{inside} does not reach {outside}")),
        }
    }

    /// Whether it has a network of its own.
    pub fn is_apart(&self) -> bool {
        self.namespace.is_some()
    }

    /// A command that runs there; the process that is started is the program's own.
    pub fn command(&self, program: &str) -> Command {
        match &self.namespace {
            Some(namespace) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", &namespace.name, program]);
                command
            }
            None => Command::new(program),
        }
    }

    /// Pulls its cable, or plugs it in again: nobody is told, and what is on its way is lost. `false` if it has none.
    pub fn plug(&self, plugged_in: bool) -> bool {
        let Some(Namespace { cable, .. }) = &self.namespace else { return false };
        let done = ip(&format!("link set {cable} {}", if plugged_in { "up" } else { "down" }));
        assert_eq!(done, Ok(()));
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(Namespace { name, cable }) = &self.namespace {
            // Its processes keep it until they end; the cable goes at once.
            let _ = ip(&format!("link del {cable}"));
            let _ = ip(&format!("netns del {name}"));
        }
    }
}
