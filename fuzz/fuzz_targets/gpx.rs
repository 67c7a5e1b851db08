#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reelproof_fuzz::whole(telemetry::Kind::Gpx, bytes));
