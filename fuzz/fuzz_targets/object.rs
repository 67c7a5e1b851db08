#![no_main]

use std::io::Cursor;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let examination = media::examine(Cursor::new(bytes.to_vec()), bytes.len() as u64);
    let report = examination.report(&[]);
    assert_eq!(report.read_error, None, "the source is memory, and does not fail");
    reelproof_fuzz::indexed(&report.streams);
});
