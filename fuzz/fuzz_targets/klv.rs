#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    reelproof_fuzz::whole(telemetry::Kind::Klv, bytes);
    let mut reader = telemetry::klv::Reader::new();
    for packet in reelproof_fuzz::packets(bytes) {
        reader.push(packet);
    }
    reelproof_fuzz::used(&reader.finish());
});
