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

use analyzer::lanes::{Entry, Lanes, Question};
use benches::coverage_rows::Rows;
use catalog::Micros;
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

/// The obligations with the lanes of their officers behind one another: what stays resident beside the index.
struct Asked<'a> {
    rows: &'a Rows,
    lanes: Vec<u32>,
    ends: Vec<usize>,
}

impl Asked<'_> {
    fn questions(&self) -> Vec<Question<'_>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let question =
            |((obligation, start), &end): ((&benches::coverage_rows::ObligationRow, usize), &usize)| {
                Question { lanes: &self.lanes[start..end], interval: obligation.interval }
            };
        self.rows.obligations.iter().zip(starts).zip(&self.ends).map(question).collect()
    }
}

/// The index and what is asked of it, from bare rows: badge numbers become numbers of lanes on the way.
fn build(rows: &Rows) -> (Lanes, Asked<'_>) {
    // The officers who have an obligation, as a table from badge number to lane, in the order of badges
    // as in the audit: a squad's lanes lie side by side. Badge numbers are dense enough for a table.
    let badges = || rows.obligations.iter().flat_map(|obligation| &obligation.badges).copied();
    let mut lane_of = vec![u32::MAX; badges().max().map_or(0, |badge| badge as usize + 1)];
    for badge in badges() {
        lane_of[badge as usize] = 0;
    }
    for (lane, of_badge) in (0..).zip(lane_of.iter_mut().filter(|lane| **lane == 0)) {
        *of_badge = lane;
    }
    let entries: Vec<Entry> = rows
        .recordings
        .par_iter()
        .enumerate()
        .map(|(item, row)| Entry {
            lane: lane_of.get(row.badge as usize).copied().unwrap_or(u32::MAX),
            interval: row.interval,
            item: u32::try_from(item).unwrap_or(u32::MAX),
        })
        .filter(|entry| entry.lane != u32::MAX)
        .collect();
    let lanes = badges().map(|badge| lane_of[badge as usize]).collect();
    let ends = rows
        .obligations
        .iter()
        .scan(0, |end, obligation| {
            *end += obligation.badges.len();
            Some(*end)
        })
        .collect();
    (Lanes::new(&entries), Asked { rows, lanes, ends })
}

fn run(folder: &Path, threads: usize, rounds: usize) -> Result<(), Box<dyn Error>> {
    let rows = Rows::read(folder)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let timed = |work: &dyn Fn() -> Vec<Micros>| {
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
            let (index, asked) = build(&rows);
            index.covered(&asked.questions())
        });
        let began = Instant::now();
        let (index, asked) = build(&rows);
        let build_s = began.elapsed().as_secs_f64();
        let questions = asked.questions();
        let (resident_s, answers) = timed(&|| index.covered(&questions));
        (raw_s, from_raw, build_s, resident_s, answers)
    });
    if from_raw != answers {
        return Err("the index gives other answers the second time".into());
    }
    let mut text = String::from("id,covered_us\n");
    for (id, covered) in answers.iter().enumerate() {
        writeln!(text, "{id},{}", covered.0)?;
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
