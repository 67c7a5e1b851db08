//! `warm-probe FILE [RUNS]`: how long a probe without digests takes in a process that is already
//! running, with its child waiting: the same work as `reelproof probe --no-hash`, without the start of
//! two processes. Prints a JSON document; `make peers` reads it.

use std::process::ExitCode;
use std::time::Instant;

use benches::{run_options, warm_reader};
use ingest::location::ObjectLocation;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let first = args.next();
    let runs = args.next().map_or(Ok(100), |runs| runs.parse());
    let (Some(file), Ok(runs)) = (first, runs) else {
        eprintln!("usage: warm-probe FILE [RUNS]");
        return ExitCode::from(2);
    };
    match measure(&file, runs) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("warm-probe: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(file: &str, runs: u32) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let object = ObjectLocation::open(file)?;
    let options = run_options();
    let reader = warm_reader(runtime.handle())?;
    let mut took_s = Vec::new();
    let mut probe = None;
    for _ in 0..runs.max(1) {
        let began = Instant::now();
        probe = Some(runtime.block_on(ingest::probe::probe(&object, reader.clone(), &options, false))?);
        took_s.push(began.elapsed().as_secs_f64());
    }
    took_s.sort_by(f64::total_cmp);
    let packets: u64 = probe.iter().flat_map(|probe| &probe.streams).map(|stream| stream.packets).sum();
    let document = serde_json::json!({
        "runs": took_s.len(),
        "min_s": took_s[0],
        "median_s": took_s[took_s.len() / 2],
        "packets": packets,
        "bytes_read": probe.map(|probe| probe.bytes_read),
    });
    println!("{document}");
    Ok(())
}
