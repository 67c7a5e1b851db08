//! A link that can be made to fail: a proxy whose connections are cut, reset, held up or corrupted when it is told to.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What happens to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// All its connections are closed, in good order.
    Cut,
    /// All its connections end with what was on its way unread, which the other side is told as a reset.
    Reset,
    /// Nothing passes for so long.
    Stall(Duration),
    /// One bit of what passes next towards the client is turned.
    Corrupt,
}

#[derive(Default)]
struct Shared {
    /// Connections that are open, both sides of each.
    open: Mutex<Vec<(TcpStream, TcpStream)>>,
    /// Rises with each cut and reset; connections of an earlier age read no more.
    age: AtomicU64,
    stall: Mutex<Option<Duration>>,
    corrupt: AtomicU64,
    corrupted: AtomicU64,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A link to a server.
pub struct Link {
    /// Where to connect to.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

impl Link {
    /// A link to `server`, which need not be there yet. Its threads end with the connections.
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // A server that is away refuses, and so do we: the client is let go.
                let Ok(upstream) = TcpStream::connect(server) else { continue };
                let clones =
                    (client.try_clone(), upstream.try_clone(), client.try_clone(), upstream.try_clone());
                let (Ok(from), Ok(to), Ok(one), Ok(other)) = clones else { continue };
                locked(&accepting.open).push((one, other));
                let (up, down) = (Arc::clone(&accepting), Arc::clone(&accepting));
                std::thread::spawn(move || pass(&up, from, to, false));
                std::thread::spawn(move || pass(&down, upstream, client, true));
            }
        });
        Self { address, shared }
    }

    /// Makes it fail.
    pub fn fail(&self, fault: Fault) {
        match fault {
            Fault::Cut | Fault::Reset => {
                self.shared.age.fetch_add(1, Ordering::SeqCst);
                for (client, upstream) in locked(&self.shared.open).drain(..) {
                    // What was sent and not read makes the closing a reset; reading ends first, so that it stays unread.
                    let how = if fault == Fault::Reset { Shutdown::Read } else { Shutdown::Both };
                    let _ = client.shutdown(how);
                    let _ = upstream.shutdown(how);
                }
            }
            Fault::Stall(time) => *locked(&self.shared.stall) = Some(time),
            Fault::Corrupt => {
                self.shared.corrupt.store(1, Ordering::SeqCst);
            }
        }
    }

    /// How many bits were turned so far.
    pub fn corrupted(&self) -> u64 {
        self.shared.corrupted.load(Ordering::SeqCst)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the link itself, not a wait for something to happen")]
fn hold_up(time: Duration) {
    std::thread::sleep(time);
}

fn pass(shared: &Shared, mut from: TcpStream, mut to: TcpStream, to_client: bool) {
    let age = shared.age.load(Ordering::SeqCst);
    let mut buffer = vec![0; 64 << 10];
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        let stall = locked(&shared.stall).take();
        if let Some(time) = stall {
            hold_up(time);
        }
        if shared.age.load(Ordering::SeqCst) != age {
            break;
        }
        // Large pieces are of objects, and of small ones there is little in them but headers.
        if to_client && len > 4096 && shared.corrupt.swap(0, Ordering::SeqCst) == 1 {
            buffer[len / 2] ^= 1;
            shared.corrupted.fetch_add(1, Ordering::SeqCst);
        }
        if to.write_all(&buffer[..len]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
