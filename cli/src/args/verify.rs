//! Arguments of `reelproof verify`.

use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(crate) struct FixityArgs {
    /// For how long objects are begun: 90m, 2h, 1h30m [default: until all that is due was read]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub budget: Option<Duration>,

    /// How many bytes to read at most: 500GB, 2TB, 750GiB [default: all that is due]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub budget_bytes: Option<u64>,

    /// How many objects to read at most
    #[arg(long, value_name = "N", default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_objects: u32,

    /// Objects read at the same time [default: ingest.parallel of the settings, else one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub jobs: Option<u32>,

    /// Policy that says how often footage is read again: a built-in name, or a file [default: jingan-2024]
    #[arg(long, value_name = "NAME", env = "REELPROOF_POLICY")]
    pub policy: Option<String>,

    /// Go on with what is not due yet once all that is due was read
    #[arg(long)]
    pub all: bool,

    /// Show what would be read, and read nothing
    #[arg(long)]
    pub plan: bool,
}

/// A length of time: numbers with `d`, `h`, `m` or `s` behind them.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no length of time: write 90m, 2h or 1h30m");
    let mut seconds: u64 = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|one: char| !one.is_ascii_digit()).ok_or_else(wrong)?;
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        let unit = match rest.as_bytes()[digits] {
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return Err(wrong()),
        };
        seconds = number.checked_mul(unit).and_then(|part| seconds.checked_add(part)).ok_or_else(wrong)?;
        rest = &rest[digits + 1..];
    }
    // A year is more than any run takes, and less than clocks can count.
    if seconds == 0 || seconds > 366 * 86_400 {
        return Err(wrong());
    }
    Ok(Duration::from_secs(seconds))
}

/// A number of bytes, with a unit or without.
fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no number of bytes: write 500GB, 2TB or 750GiB");
    let text = text.trim();
    let digits = text.find(|one: char| !one.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().map_err(|_| wrong())?;
    let unit: u64 = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err(wrong()),
    };
    number.checked_mul(unit).filter(|bytes| i64::try_from(*bytes).is_ok()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        for (text, seconds) in [("90m", 5_400), ("2h", 7_200), ("1h30m", 5_400), ("1d", 86_400), ("45s", 45)]
        {
            assert_eq!(duration(text).unwrap().as_secs(), seconds, "{text}");
        }
        for text in ["", "0s", "90", "h", "1h30", "-1h", "1w", "2 h", "999999999999999999h", "1h两分"] {
            assert!(duration(text).unwrap_err().contains("1h30m"), "{text}");
        }
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("0", 0),
            ("1500", 1_500),
            ("500GB", 500_000_000_000),
            ("2 tb", 2_000_000_000_000),
            ("4MiB", 4 << 20),
        ] {
            assert_eq!(size(text).unwrap(), bytes, "{text}");
        }
        for text in ["", "GB", "1.5GB", "10PB", "-1", "99999999999999TB"] {
            assert!(size(text).unwrap_err().contains("500GB"), "{text}");
        }
    }
}
