//! The name that somebody probably meant.

/// The candidate that differs from `text` in the fewest characters, if it is near enough to be a slip:
/// at most a third of the longer of the two.
pub(crate) fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = text.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.chars().count();
            let allowed = length.max(other) / 3;
            if length.abs_diff(other) > allowed {
                return None;
            }
            let distance = distance(text, candidate);
            (distance <= allowed).then_some((distance, candidate))
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance: how many characters must be put in, left out or replaced.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let names = ["officers", "place", "开始时间"];
        assert_eq!(nearest("offcers", names), Some("officers"));
        assert_eq!(nearest("开始日时间", names), Some("开始时间"));
        assert_eq!(nearest("weather", names), None);
        assert_eq!(nearest("", names), None);
    }
}
