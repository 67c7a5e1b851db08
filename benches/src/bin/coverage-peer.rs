//! Our side of the coverage comparison, `benches/peers/audit`.
//!
//! - `coverage-peer make FOLDER OFFICERS` writes the rows of a synthetic month as CSV.
//! - `coverage-peer run FOLDER THREADS ROUNDS` reads them, works out the coverage again and again, writes
//!   `ours.csv` (`id,covered_us`) into the folder and prints one JSON document with the best times: `resident_s`
//!   with the index there, `raw_s` from the rows to the answers, building the index on the way.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use analyzer::lanes::{Answer, Entry, Lanes, Questions};
use benches::coverage_rows::{ObligationRow, Rows};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["make", folder, officers] => Ok(Rows::made(officers.parse()?).write(Path::new(folder))?),
        ["run", folder, threads, rounds] => run(Path::new(folder), threads.parse()?, rounds.parse()?),
        _ => Err("usage: coverage-peer make FOLDER OFFICERS | run FOLDER THREADS ROUNDS".into()),
    }
}

/// The index and what is asked of it, from bare rows: badge numbers become numbers of lanes on the way.
fn build(rows: &Rows) -> (Lanes, Questions) {
    // The officers who have an obligation, as a table from badge number to lane, in the order of badges
    // as in the audit: a squad's lanes lie side by side. Badge numbers are dense enough for a table.
    let most = rows.obligations.par_iter().flat_map_iter(|obligation| &obligation.badges).max();
    let badges = most.map_or(0, |&badge| badge as usize + 1);
    let asked = |mut asked: Vec<bool>, obligation: &ObligationRow| {
        obligation.badges.iter().for_each(|&badge| asked[badge as usize] = true);
        asked
    };
    let asked = rows.obligations.par_iter().fold(|| vec![false; badges], asked).reduce_with(|mut a, b| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a |= b);
        a
    });
    let mut many = 0;
    let lane_of: Vec<Option<u32>> = (asked.unwrap_or_default().into_iter())
        .map(|asked| {
            many += u32::from(asked);
            asked.then(|| many - 1)
        })
        .collect();
    let lane_of = |badge: u32| lane_of.get(badge as usize).copied().flatten();
    let index = Lanes::of_rows(many, &rows.recordings, |item, row| {
        Some(Entry { lane: lane_of(row.badge)?, interval: row.interval, item })
    });
    let questions = Questions::of_rows(&rows.obligations, |obligation, lanes| {
        lanes.extend(obligation.badges.iter().filter_map(|&badge| lane_of(badge)));
        obligation.interval
    });
    (index, questions)
}

fn run(folder: &Path, threads: usize, rounds: usize) -> Result<(), Box<dyn Error>> {
    let rows = Rows::read(folder)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let timed = |work: &dyn Fn() -> Vec<Answer>| {
        let mut best = f64::INFINITY;
        let mut answers = Vec::new();
        for _ in 0..rounds.max(1) {
            let began = Instant::now();
            answers = work();
            best = best.min(began.elapsed().as_secs_f64());
        }
        (best, answers)
    };
    let (raw_s, from_raw, build_s, resident_s, answers) = pool.install(|| {
        let (raw_s, from_raw) = timed(&|| {
            let (index, questions) = build(&rows);
            index.covered(&questions)
        });
        let began = Instant::now();
        let (index, questions) = build(&rows);
        let build_s = began.elapsed().as_secs_f64();
        let (resident_s, answers) = timed(&|| index.covered(&questions));
        (raw_s, from_raw, build_s, resident_s, answers)
    });
    if from_raw != answers {
        return Err("the index gives other answers the second time".into());
    }
    let mut text = String::from("id,covered_us\n");
    for Answer { question, covered } in answers {
        writeln!(text, "{question},{}", covered.0)?;
    }
    std::fs::write(folder.join("ours.csv"), text)?;
    let said = serde_json::json!({
        "recordings": rows.recordings.len(),
        "obligations": rows.obligations.len(),
        "threads": threads,
        "raw_s": raw_s,
        "build_s": build_s,
        "resident_s": resident_s,
    });
    println!("{said}");
    Ok(())
}
