//! What an object's key says about its recording.
//!
//! Recorders and docking stations write device, officer and start into the file's name, each maker in
//! its own way. The patterns are configuration: regular expressions with the named groups `device`,
//! `badge`, `start` and `seq`, tried in order; the first that matches counts.

use catalog::WallTime;
use catalog::observation::KeyFacts;
use catalog::time::local_moment;
use regex::Regex;

/// Reads `…/DEVICE_BADGE_YYYYMMDDhhmmss_SEQ.ext`.
pub const DEFAULT_PATTERN: &str =
    r"(?:^|/)(?P<device>[^/_]+)_(?P<badge>[^/_]+)_(?P<start>\d{14})_(?P<seq>[^/_.]+)\.[^/.]+$";

const GROUPS: [&str; 4] = ["device", "badge", "start", "seq"];

/// The configured patterns.
#[derive(Debug, Clone)]
pub struct KeyPatterns(Vec<Regex>);

/// A pattern that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyPatternError {
    /// It is no regular expression.
    #[error("key pattern `{pattern}` is no regular expression: {source}")]
    Syntax {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        source: regex::Error,
    },
    /// It names none of the groups, or one that is not known.
    #[error(
        "key pattern `{pattern}`: {problem}; the groups are (?P<device>…), (?P<badge>…), (?P<start>…), (?P<seq>…)"
    )]
    Groups {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl Default for KeyPatterns {
    fn default() -> Self {
        // The pattern is a constant that a test compiles.
        Self(Regex::new(DEFAULT_PATTERN).into_iter().collect())
    }
}

impl KeyPatterns {
    /// Compiles patterns, to be tried in this order.
    ///
    /// # Errors
    /// The first pattern that is no regular expression or names a group that is not known.
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Result<Self, KeyPatternError> {
        let compile = |pattern: &S| {
            let pattern = pattern.as_ref();
            let regex = Regex::new(pattern)
                .map_err(|source| KeyPatternError::Syntax { pattern: pattern.to_owned(), source })?;
            let refuse =
                |problem: String| Err(KeyPatternError::Groups { pattern: pattern.to_owned(), problem });
            let names: Vec<_> = regex.capture_names().flatten().collect();
            if names.is_empty() {
                return refuse("it has no named group".to_owned());
            }
            if let Some(name) = names.iter().find(|name| !GROUPS.contains(name)) {
                return refuse(format!("`{name}` is no group"));
            }
            Ok(regex)
        };
        patterns.iter().map(compile).collect::<Result<_, _>>().map(Self)
    }

    /// What the key says; nothing where no pattern matches.
    pub fn read(&self, object_key: &str) -> KeyFacts {
        let Some(found) = self.0.iter().find_map(|pattern| pattern.captures(object_key)) else {
            return KeyFacts::default();
        };
        let group =
            |name| found.name(name).map(|text| text.as_str().to_owned()).filter(|text| !text.is_empty());
        KeyFacts {
            device: group("device"),
            badge: group("badge"),
            started_at: found.name("start").and_then(|text| start(text.as_str())),
            seq: group("seq"),
        }
    }
}

/// Reads year to second, with three digits of milliseconds if they are there, whatever stands between;
/// local time. `None` where there is no such date or time.
fn start(text: &str) -> Option<WallTime> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != 14 && digits.len() != 17 {
        return None;
    }
    let number = |from: usize, until: usize| digits[from..until].iter().fold(0, |n, digit| n * 10 + digit);
    let year = i32::try_from(number(0, 4)).ok()?;
    let second =
        local_moment(year, number(4, 6), number(6, 8), number(8, 10), number(10, 12), number(12, 14))?;
    let milliseconds = if digits.len() == 17 { number(14, 17) } else { 0 };
    Some(second + catalog::Micros::from_ms(milliseconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_pattern_reads_device_badge_start_and_sequence() {
        let facts = KeyPatterns::default().read("S3/2024-05-03/BC0301_310103_20240503093000_0002.mp4");
        assert_eq!(facts.device.as_deref(), Some("BC0301"));
        assert_eq!(facts.badge.as_deref(), Some("310103"));
        assert_eq!(facts.started_at.unwrap().to_string(), "2024-05-03T09:30:00+08:00");
        assert_eq!(facts.seq.as_deref(), Some("0002"));
    }

    #[test]
    fn a_key_without_the_pattern_says_nothing() {
        for key in ["VID_20191220_170832.mp4", "a/b.mp4", "", "BC1_1_2024050309300_1.mp4"] {
            assert_eq!(KeyPatterns::default().read(key), KeyFacts::default(), "{key}");
        }
    }

    #[test]
    fn an_impossible_date_leaves_the_rest() {
        let facts = KeyPatterns::default().read("BC0301_310103_20240231093000_1.mp4");
        assert_eq!(facts.started_at, None);
        assert_eq!(facts.badge.as_deref(), Some("310103"));
    }

    #[test]
    fn patterns_of_ones_own_are_tried_in_order() {
        let patterns = KeyPatterns::new(&[
            r"^NO(?P<start>\d{8}-\d{6})-(?P<seq>\d+)\.MP4$",
            r"(?P<device>cam\d+)/(?P<start>[\d_]+)\.",
        ])
        .unwrap();
        let facts = patterns.read("NO20191130-120156-000121.MP4");
        assert_eq!(facts.started_at.unwrap().to_string(), "2019-11-30T12:01:56+08:00");
        let facts = patterns.read("cam7/2024_05_03_09_30_00_250.ts");
        assert_eq!(facts.started_at.unwrap().to_string(), "2024-05-03T09:30:00.250+08:00");
        assert_eq!(facts.device.as_deref(), Some("cam7"));
    }

    #[test]
    fn a_bad_pattern_is_refused_with_the_groups_there_are() {
        for pattern in ["(", "no group", r"(?P<officer>\d+)"] {
            let error = KeyPatterns::new(&[pattern]).unwrap_err().to_string();
            assert!(error.contains(pattern), "{error}");
        }
    }
}
