//! How often a client may ask: so many at once, then so many a second, for each network address.
//!
//! Two buckets: one for everything, wide enough for a page that loads much and for a room behind one address; one for
//! attempts to sign in and to set up, narrow. The addresses are kept in a bounded table; when it is full, those whose
//! buckets are full again (they are owed nothing) are forgotten.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use catalog::{Micros, WallTime};

use super::guard::Client;
use super::problem::{Code, Problem};

/// Addresses remembered at most.
const MOST_ADDRESSES: usize = 10_000;

/// A bucket: it holds so many and is filled again at one each so often.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    at_once: i64,
    each_us: i64,
}

const EVERYTHING: Allowance = Allowance { at_once: 2000, each_us: 2000 };

const ATTEMPTS: Allowance = Allowance { at_once: 20, each_us: 3_000_000 };

/// When each address's bucket will be full again.
#[derive(Debug)]
struct Buckets {
    allowance: Allowance,
    full_at: HashMap<IpAddr, WallTime>,
}

impl Buckets {
    fn new(allowance: Allowance) -> Self {
        Self { allowance, full_at: HashMap::new() }
    }

    /// Takes one out; or says how long until there is one.
    fn take(&mut self, address: IpAddr, now: WallTime) -> Result<(), Micros> {
        let Allowance { at_once, each_us } = self.allowance;
        if self.full_at.len() >= MOST_ADDRESSES && !self.full_at.contains_key(&address) {
            self.full_at.retain(|_, full_at| *full_at > now);
            if self.full_at.len() >= MOST_ADDRESSES {
                return Err(Micros(each_us));
            }
        }
        let full_at = self.full_at.get(&address).copied().unwrap_or(now).max(now);
        let then = full_at + Micros(each_us);
        let over = (then - now).0 - at_once.saturating_mul(each_us);
        if over > 0 {
            return Err(Micros(over));
        }
        self.full_at.insert(address, then);
        Ok(())
    }
}

/// The pace of all clients.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    everything: Arc<Mutex<Buckets>>,
    attempts: Arc<Mutex<Buckets>>,
}

impl Default for Pace {
    fn default() -> Self {
        let buckets = |allowance| Arc::new(Mutex::new(Buckets::new(allowance)));
        Self { everything: buckets(EVERYTHING), attempts: buckets(ATTEMPTS) }
    }
}

fn take(buckets: &Mutex<Buckets>, client: Client, now: WallTime) -> Result<(), Problem> {
    // A table of times is whole whatever a thread that held it did.
    let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
    buckets.take(client.0, now).map_err(|wait| {
        let seconds = wait.0.saturating_add(999_999) / 1_000_000;
        Problem::new(
            Code::TooOften,
            format!("Too many requests from your address; try again in {seconds} s."),
            format!("该地址请求过于频繁，请在 {seconds} 秒后重试。"),
        )
        .after(seconds)
    })
}

impl Pace {
    /// One request of this client.
    pub(super) fn take(&self, client: Client, now: WallTime) -> Result<(), Problem> {
        take(&self.everything, client, now)
    }

    /// One attempt of this client to sign in.
    pub(super) fn attempt(&self, client: Client, now: WallTime) -> Result<(), Problem> {
        take(&self.attempts, client, now)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(10, 0, 0, last))
    }

    #[test]
    fn a_bucket_runs_dry_and_fills_again_and_each_address_has_its_own() {
        let mut buckets = Buckets::new(Allowance { at_once: 3, each_us: 1000 });
        let now = WallTime(5_000_000);
        for _ in 0..3 {
            assert_eq!(buckets.take(address(1), now), Ok(()));
        }
        assert_eq!(buckets.take(address(1), now), Err(Micros(1000)));
        assert_eq!(buckets.take(address(2), now), Ok(()));
        assert_eq!(buckets.take(address(1), now + Micros(999)), Err(Micros(1)));
        assert_eq!(buckets.take(address(1), now + Micros(1000)), Ok(()));
        let later = now + Micros(1_000_000);
        for _ in 0..3 {
            assert_eq!(buckets.take(address(1), later), Ok(()), "never more than full");
        }
        assert!(buckets.take(address(1), later).is_err());
    }

    #[test]
    fn the_table_is_bounded_and_forgets_who_is_owed_nothing() {
        let mut buckets = Buckets::new(Allowance { at_once: 1, each_us: 1000 });
        let now = WallTime(0);
        let many = |n: usize| IpAddr::V6(u128::try_from(n).unwrap().into());
        for n in 0..MOST_ADDRESSES {
            assert_eq!(buckets.take(many(n), now), Ok(()));
        }
        assert!(buckets.take(many(MOST_ADDRESSES), now).is_err());
        assert_eq!(buckets.take(many(MOST_ADDRESSES), now + Micros(1000)), Ok(()));
        assert_eq!(buckets.full_at.len(), 1);
    }
}
