//! The same bytes out, whatever the order of the snapshot's lists and the number of threads.

use analyzer::audit::audit;
use catalog::Micros;
use catalog::observation::{StartClaim, StartSource};
use rayon::ThreadPoolBuilder;

use crate::month::Month;
use crate::random_month::{self, Dice};

/// A random month with digests in common and claims that contradict, so that every judge has work.
fn month(dice: &mut Dice) -> Month {
    let mut month = random_month::month(dice, 60);
    for recording in &mut month.snapshot.recordings {
        if dice.one_in(4) {
            recording.sha256 = format!("shared-{}", dice.below(4));
        }
        if let (true, Some(started_at)) = (dice.one_in(4), recording.started_at) {
            recording.start_claims.push(StartClaim {
                source: StartSource::Container,
                started_at: started_at + Micros::from_s(dice.between(-1, 1) * 28_800),
                error_us: Micros::from_s(1),
            });
        }
    }
    month
}

fn bytes(month: &Month) -> String {
    serde_json::to_string(&audit(&month.snapshot, &month.policy)).unwrap()
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (one, many) = (pool(1), pool(5));
    for seed in 0..200 {
        let month = month(&mut Dice::new(seed));
        let alone = one.install(|| bytes(&month));
        assert_eq!(alone, many.install(|| bytes(&month)), "seed {seed}");
        assert_eq!(alone, many.install(|| bytes(&month)), "seed {seed}, second run");
    }
}

#[test]
fn the_order_of_the_snapshots_lists_does_not_matter() {
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let mut month = month(&mut dice);
        let before = bytes(&month);
        let snapshot = &mut month.snapshot;
        dice.shuffle(&mut snapshot.recordings);
        dice.shuffle(&mut snapshot.stages);
        dice.shuffle(&mut snapshot.devices);
        dice.shuffle(&mut snapshot.links);
        dice.shuffle(&mut snapshot.excuses);
        dice.shuffle(&mut snapshot.cases);
        dice.shuffle(&mut snapshot.units);
        assert_eq!(bytes(&month), before, "seed {seed}");
    }
}
