//! A link that can be made to fail: a proxy whose connections are cut, reset, held up or corrupted when it is told to.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::s3::{Pace, hold_up};

/// Pieces that are shorter are let through as they are: a bit that is turned in them would often be one of a greeting.
const WORTH_TURNING: usize = 32;

/// No head of an answer is as long, and what stands in the middle of such a piece is of a body.
const OF_A_BODY: usize = 16 << 10;

/// What happens to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// All its connections are closed, in good order.
    Cut,
    /// All its connections are reset, with what was on its way lost.
    Reset,
    /// Nothing passes for so long.
    Stall(Duration),
    /// One bit of what passes next, in whichever direction, is turned.
    Corrupt,
    /// One bit of a body that the server sends next is turned.
    CorruptBody,
}

/// The two sides of a connection.
struct Connection {
    client: TcpStream,
    server: TcpStream,
    /// It ends without a word.
    reset: AtomicBool,
}

impl Connection {
    fn both(&self) -> [&TcpStream; 2] {
        [&self.client, &self.server]
    }

    fn cut(&self) {
        for side in self.both() {
            let _ = side.shutdown(Shutdown::Both);
        }
    }

    /// Whoever passes on its bytes is told that there are no more, and lets go of it; with nothing to linger for, the
    /// system then ends it with a reset.
    fn reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
        for side in self.both() {
            let _ = SockRef::from(side).set_linger(Some(Duration::ZERO));
            let _ = side.shutdown(Shutdown::Read);
        }
    }
}

struct Shared {
    open: Mutex<Vec<Weak<Connection>>>,
    held_until: Mutex<Instant>,
    corrupt: AtomicBool,
    corrupt_body: AtomicBool,
    corrupted: AtomicU64,
    pace: Option<Pace>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A link to a server.
pub struct Link {
    /// Where to connect to.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

impl Link {
    /// A link to `server`, which need not be there yet, that is found at `at` and carries so many bytes a second to the
    /// client, where that is said. Its threads end with the connections.
    pub fn to(server: SocketAddr, at: Ipv4Addr, bytes_in_s: Option<u32>) -> Self {
        let listener = TcpListener::bind((at, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            open: Mutex::default(),
            held_until: Mutex::new(Instant::now()),
            corrupt: AtomicBool::new(false),
            corrupt_body: AtomicBool::new(false),
            corrupted: AtomicU64::new(0),
            pace: bytes_in_s.map(Pace::new),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // A server that is away refuses: the client is let go.
                let Ok(server) = TcpStream::connect(server) else { continue };
                let connection = Arc::new(Connection { client, server, reset: AtomicBool::new(false) });
                let mut open = locked(&accepting.open);
                open.retain(|connection| connection.strong_count() > 0);
                open.push(Arc::downgrade(&connection));
                drop(open);
                for to_client in [false, true] {
                    let (shared, connection) = (Arc::clone(&accepting), Arc::clone(&connection));
                    std::thread::spawn(move || pass(&shared, &connection, to_client));
                }
            }
        });
        Self { address, shared }
    }

    /// Makes it fail.
    pub fn fail(&self, fault: Fault) {
        let open = || std::mem::take(&mut *locked(&self.shared.open));
        match fault {
            Fault::Cut => open().iter().filter_map(Weak::upgrade).for_each(|connection| connection.cut()),
            Fault::Reset => open().iter().filter_map(Weak::upgrade).for_each(|connection| connection.reset()),
            Fault::Stall(time) => *locked(&self.shared.held_until) = Instant::now() + time,
            Fault::Corrupt => self.shared.corrupt.store(true, Ordering::SeqCst),
            Fault::CorruptBody => self.shared.corrupt_body.store(true, Ordering::SeqCst),
        }
    }

    /// A bit that was to be turned and was not, because nothing passed, is left as it is.
    pub fn mend(&self) {
        self.shared.corrupt.store(false, Ordering::SeqCst);
        self.shared.corrupt_body.store(false, Ordering::SeqCst);
    }

    /// How many bits were turned so far.
    pub fn corrupted(&self) -> u64 {
        self.shared.corrupted.load(Ordering::SeqCst)
    }
}

/// Copies in one direction until the end; then both sides are closed.
fn pass(shared: &Shared, connection: &Connection, to_client: bool) {
    let (mut from, mut to) = if to_client {
        (&connection.server, &connection.client)
    } else {
        (&connection.client, &connection.server)
    };
    let mut buffer = vec![0; 64 << 10];
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        let until = *locked(&shared.held_until);
        hold_up(until.saturating_duration_since(Instant::now()));
        if let Some(pace) = shared.pace.as_ref().filter(|_| to_client) {
            pace.pass(len as u64);
        }
        if connection.reset.load(Ordering::SeqCst) {
            break;
        }
        let turns = |asked: &AtomicBool| asked.swap(false, Ordering::SeqCst);
        if len >= WORTH_TURNING && turns(&shared.corrupt)
            || to_client && len >= OF_A_BODY && turns(&shared.corrupt_body)
        {
            buffer[len / 2] ^= 1;
            shared.corrupted.fetch_add(1, Ordering::SeqCst);
        }
        if to.write_all(&buffer[..len]).is_err() {
            break;
        }
    }
    // One that was reset ends when both directions have let go of it.
    if connection.reset.load(Ordering::SeqCst) {
        connection.reset();
    } else {
        connection.cut();
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    /// A link to somebody who sends back what comes, and a connection over it.
    fn echo() -> (Link, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let link = Link::to(listener.local_addr().unwrap(), Ipv4Addr::LOCALHOST, None);
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                std::thread::spawn(move || std::io::copy(&mut &connection, &mut &connection));
            }
        });
        let connection = TcpStream::connect(link.address).unwrap();
        (link, connection)
    }

    fn sent_back(mut connection: &TcpStream) -> std::io::Result<[u8; 64]> {
        connection.write_all(&[7; 64])?;
        let mut bytes = [0; 64];
        connection.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    #[test]
    fn what_is_told_to_fail_fails_in_its_own_way_and_a_new_connection_does_not() {
        let (link, connection) = echo();
        assert_eq!(sent_back(&connection).unwrap(), [7; 64]);
        link.fail(Fault::Corrupt);
        let turned: u32 = sent_back(&connection).unwrap().iter().map(|byte| (byte ^ 7).count_ones()).sum();
        assert_eq!((turned, link.corrupted()), (1, 1));
        assert_eq!(sent_back(&connection).unwrap(), [7; 64]);
        link.fail(Fault::Cut);
        assert_eq!((&connection).read(&mut [0]).unwrap(), 0);

        let connection = TcpStream::connect(link.address).unwrap();
        assert_eq!(sent_back(&connection).unwrap(), [7; 64]);
        link.fail(Fault::Reset);
        assert_eq!((&connection).read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);

        let connection = TcpStream::connect(link.address).unwrap();
        assert_eq!(sent_back(&connection).unwrap(), [7; 64]);
        let (began, time) = (Instant::now(), Duration::from_millis(50));
        link.fail(Fault::Stall(time));
        assert_eq!(sent_back(&connection).unwrap(), [7; 64]);
        assert!(began.elapsed() >= time);
    }
}
