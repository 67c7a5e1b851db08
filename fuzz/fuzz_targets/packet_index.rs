#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (packets, streams) = media::fuzzing::index(bytes);
    assert_eq!(streams.iter().map(|stream| stream.packets).sum::<u64>(), packets);
    reelproof_fuzz::indexed(&streams);
});
