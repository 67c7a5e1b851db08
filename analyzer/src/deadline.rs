//! Deadlines in days, as civil servants count them: the day on which something began does not count, and
//! the last day counts to its end, by Shanghai's calendar. Whether days are working days no public text of
//! ours says; they are calendar days (自然日), and policies mark the figures 待核.

use catalog::time::{LOCAL_OFFSET_S, Micros, US_PER_S, WallTime};

const DAY_US: i64 = 86_400 * US_PER_S;

/// Number of the local day in which a moment lies, counted from 1970-01-01.
fn day_of(at: WallTime) -> i64 {
    at.0.saturating_add(i64::from(LOCAL_OFFSET_S) * US_PER_S).div_euclid(DAY_US)
}

/// When the local day of this number begins.
fn start_of(day: i64) -> WallTime {
    WallTime(day.saturating_mul(DAY_US)) - Micros::from_s(i64::from(LOCAL_OFFSET_S))
}

/// The moment at which `days` days after `at` are over: what is done before it is in time.
pub fn end_of_day_after(at: WallTime, days: u32) -> WallTime {
    start_of(day_of(at).saturating_add(i64::from(days)).saturating_add(1))
}

/// When the local day of `at` began.
pub fn start_of_day(at: WallTime) -> WallTime {
    start_of(day_of(at))
}

/// The last day of a deadline as people write it, `2024-06-24`: the day that ends at `due_at`.
pub fn last_day(due_at: WallTime) -> String {
    date(due_at - Micros(1))
}

/// The local date of a moment, `2024-06-24`.
pub fn date(at: WallTime) -> String {
    at.to_string().chars().take(10).collect()
}

/// The local date of a moment as an official letter writes it, `2024年6月24日`.
pub fn date_zh(at: WallTime) -> String {
    let date = date(at);
    let mut parts = date.splitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day)) => {
            format!("{year}年{}月{}日", month.trim_start_matches('0'), day.trim_start_matches('0'))
        }
        _ => date,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_day_does_not_count_and_the_last_counts_to_its_end() {
        let at = WallTime::parse("2024-06-03 23:59:59").unwrap();
        let due = end_of_day_after(at, 5);
        assert_eq!(due, WallTime::parse("2024-06-09 00:00:00").unwrap());
        assert_eq!(last_day(due), "2024-06-08");
        assert_eq!(end_of_day_after(WallTime::parse("2024-06-03 00:00:00").unwrap(), 5), due);
        assert_eq!(date_zh(at), "2024年6月3日");
        assert_eq!(date_zh(WallTime::parse("2024-12-30 08:00:00").unwrap()), "2024年12月30日");
    }
}
