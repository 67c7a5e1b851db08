//! Which bytes a request asks for: RFC 9110, section 14.
//!
//! One range is served. Several at once may be answered with all of the bytes (14.2: "A server MAY ignore the Range
//! header field"), which is what happens here: no player needs them, and putting them together invites requests that
//! cost much and ask for little.

use std::ops::Range;

/// What to answer with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// All of it.
    All,
    /// These bytes; never empty, never beyond the end.
    Part(Range<u64>),
    /// There are no such bytes.
    None,
}

/// Reads a `Range` header against an object of `size_bytes`.
pub fn asked(header: Option<&str>, size_bytes: u64) -> Asked {
    let Some(spec) = header.and_then(|header| {
        let (unit, spec) = header.split_once('=')?;
        unit.trim().eq_ignore_ascii_case("bytes").then_some(spec.trim())
    }) else {
        return Asked::All;
    };
    // A list, or something that is no range: as if nothing had been asked for.
    let Some((first, last)) = spec.split_once('-').filter(|_| !spec.contains(',')) else { return Asked::All };
    let number = |text: &str| -> Option<u64> {
        let text = text.trim();
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse().unwrap_or(u64::MAX))
    };
    let part = match (first.trim().is_empty(), last.trim().is_empty()) {
        (true, true) => return Asked::All,
        (true, false) => match number(last) {
            Some(length) => size_bytes.saturating_sub(length)..size_bytes,
            None => return Asked::All,
        },
        (false, open) => {
            let Some(start) = number(first) else { return Asked::All };
            let end = if open {
                size_bytes
            } else {
                let Some(last) = number(last) else { return Asked::All };
                if last < start {
                    return Asked::All;
                }
                last.saturating_add(1).min(size_bytes)
            };
            start..end
        }
    };
    if part.is_empty() { Asked::None } else { Asked::Part(part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let cases = [
            (None, Asked::All),
            (Some("bytes=0-0"), Asked::Part(0..1)),
            (Some("bytes=0-"), Asked::Part(0..100)),
            (Some("Bytes = 10-19"), Asked::Part(10..20)),
            (Some("bytes=90-200"), Asked::Part(90..100)),
            (Some("bytes=-10"), Asked::Part(90..100)),
            (Some("bytes=-1000"), Asked::Part(0..100)),
            (Some("bytes=-0"), Asked::None),
            (Some("bytes=100-"), Asked::None),
            (Some("bytes=99999999999999999999999-"), Asked::None),
            (Some("bytes=0-99999999999999999999999"), Asked::Part(0..100)),
            // None of these is a range that has to be served.
            (Some("bytes=5-2"), Asked::All),
            (Some("bytes=0-1,5-6"), Asked::All),
            (Some("bytes=-"), Asked::All),
            (Some("bytes=a-b"), Asked::All),
            (Some("bytes=+1-2"), Asked::All),
            (Some("seconds=0-1"), Asked::All),
            (Some("bytes"), Asked::All),
        ];
        for (header, expected) in cases {
            assert_eq!(asked(header, 100), expected, "{header:?}");
        }
        assert_eq!(asked(Some("bytes=0-"), 0), Asked::None);
        assert_eq!(asked(None, 0), Asked::All);
    }
}
