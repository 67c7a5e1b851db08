#![no_main]

use ingest::key_pattern::KeyPatterns;

// A key is whatever a bucket holds; a pattern is whatever somebody wrote into the settings.
libfuzzer_sys::fuzz_target!(|texts: (&str, &str)| {
    let (pattern, object_key) = texts;
    let found = KeyPatterns::default().read(object_key);
    for text in [&found.device, &found.badge, &found.seq].into_iter().flatten() {
        assert!(!text.is_empty() && object_key.contains(text.as_str()));
    }
    if let Ok(patterns) = KeyPatterns::new(&[pattern]) {
        let _ = patterns.read(object_key);
    }
});
