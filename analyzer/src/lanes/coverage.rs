//! How much of a stretch of time the entries of some lanes cover together.
//!
//! What counts is the union, to the microsecond: a moment that two entries cover counts once, whether
//! they are of one lane or of two. Entries of one lane come in order of start and are swept once, with
//! the latest end so far; those of several lanes are merged on the way.

use catalog::{Interval, Micros, WallTime};
use rayon::prelude::*;

use super::{Lanes, Span};

/// How many questions a thread answers at a stretch.
const STRETCH: usize = 2048;

/// How much of `interval` do entries of any of `lanes` cover?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// Numbers of the lanes, in any order; there may be none, and lanes without an entry.
    pub lanes: &'a [u32],
    /// The time in question.
    pub interval: Interval<WallTime>,
}

impl Lanes {
    /// The answers, in the order of the questions.
    ///
    /// They are worked out lane by lane, so that a lane is fetched from memory once, and spread over
    /// rayon's threads in contiguous stretches. Time is that of [`Lanes::meeting`] for each lane of each
    /// question, and O(q) for bringing `q` questions into order.
    pub fn covered(&self, questions: &[Question<'_>]) -> Vec<Micros> {
        let order = by_first_lane(questions, self.heads.len());
        let answers: Vec<Vec<Micros>> = order
            .par_chunks(STRETCH)
            .map(|stretch| {
                let mut runs = Vec::new();
                let answer = |&question: &u32| self.answer(&questions[question as usize], &mut runs);
                stretch.iter().map(answer).collect()
            })
            .collect();
        let mut covered = vec![Micros::ZERO; questions.len()];
        for (&question, answer) in order.iter().zip(answers.into_iter().flatten()) {
            covered[question as usize] = answer;
        }
        covered
    }

    fn answer<'s>(&'s self, question: &Question<'_>, runs: &mut Vec<&'s [Span]>) -> Micros {
        let whole = question.interval;
        let run = |lane| {
            let (_, spans) = self.reaching(lane, whole.start);
            spans.first().is_some_and(|span| span.start < whole.end).then_some(spans)
        };
        if let [lane] = question.lanes {
            let mut sweep = Sweep::new(whole);
            for span in run(*lane).unwrap_or_default().iter().take_while(|span| span.start < whole.end) {
                sweep.add(span);
            }
            return sweep.covered;
        }
        runs.clear();
        runs.extend(question.lanes.iter().filter_map(|&lane| run(lane)));
        let mut sweep = Sweep::new(whole);
        // The lane whose next entry starts first gives it. A stage has two or three officers, so looking
        // at each lane is as good as a heap.
        while let Some(run) = runs.iter_mut().filter(|run| !run.is_empty()).min_by_key(|run| run[0].start) {
            if run[0].start >= whole.end {
                break;
            }
            sweep.add(&run[0]);
            *run = &run[1..];
        }
        sweep.covered
    }
}

/// Adds up what spans cover that come in order of start.
struct Sweep {
    whole: Interval<WallTime>,
    /// Until where everything is counted.
    until: WallTime,
    covered: Micros,
}

impl Sweep {
    fn new(whole: Interval<WallTime>) -> Self {
        Self { whole, until: whole.start, covered: Micros::ZERO }
    }

    fn add(&mut self, span: &Span) {
        let (from, to) = (span.start.max(self.until), span.end.min(self.whole.end));
        if to > from {
            self.covered += to - from;
            self.until = to;
        }
    }
}

/// The numbers of the questions by their first lane: a counting sort.
fn by_first_lane(questions: &[Question<'_>], lanes: usize) -> Vec<u32> {
    let lane =
        |question: &Question<'_>| question.lanes.first().map_or(lanes, |&lane| lanes.min(lane as usize));
    let mut next = vec![0_u32; lanes + 2];
    for question in questions {
        next[lane(question) + 1] += 1;
    }
    for i in 1..next.len() {
        next[i] += next[i - 1];
    }
    let mut order = vec![0; questions.len()];
    for (number, question) in (0..).zip(questions) {
        let next = &mut next[lane(question)];
        order[*next as usize] = number;
        *next += 1;
    }
    order
}

#[cfg(test)]
mod tests {
    use catalog::IntervalSet;
    use proptest::prelude::*;

    use super::*;
    use crate::lanes::Entry;

    type Row = (u32, i64, i64);

    fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
        prop::collection::vec((0_u32..6, 0_i64..2000, 0_i64..90), 0..most)
    }

    fn interval(a: i64, b: i64) -> Interval<WallTime> {
        Interval::new(WallTime(a), WallTime(b))
    }

    fn index(rows: &[Row]) -> Lanes {
        let entry = |(item, &(lane, at, length)): (u32, &Row)| Entry {
            lane,
            interval: interval(at, at + length),
            item,
        };
        Lanes::new(&(0..).zip(rows).map(entry).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn coverage_is_the_length_of_the_union(
            rows in rows(200),
            asked in prop::collection::vec(
                (prop::collection::vec(0_u32..7, 0..4), 0_i64..2000, -5_i64..300), 0..20),
        ) {
            let questions: Vec<Question<'_>> = asked
                .iter()
                .map(|(lanes, start, length)| Question { lanes, interval: interval(*start, start + length) })
                .collect();
            let expected: Vec<Micros> = questions
                .iter()
                .map(|question| {
                    let of_its_lanes = rows.iter().filter(|row| question.lanes.contains(&row.0));
                    let union: IntervalSet<WallTime> = of_its_lanes
                        .map(|&(_, at, length)| interval(at, at + length).intersection(&question.interval))
                        .collect();
                    union.length()
                })
                .collect();
            prop_assert_eq!(index(&rows).covered(&questions), expected);
        }
    }

    #[test]
    fn many_rows_on_many_threads_give_what_they_give_on_one() {
        // Enough for several groups and several stretches, from a linear congruential generator.
        let mut state = 7_u64;
        let mut below = |n: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u32::try_from((state >> 33) % u64::from(n)).unwrap()
        };
        let entries: Vec<Entry> = (0..100_000)
            .map(|item| {
                let (lane, at) = (below(700), i64::from(below(1_000_000_000)));
                Entry { lane, interval: interval(at, at + i64::from(below(9_000_000))), item }
            })
            .collect();
        let asked: Vec<([u32; 2], i64)> =
            (0..10_000).map(|_| ([below(700), below(700)], i64::from(below(1_000_000_000)))).collect();
        let questions: Vec<Question<'_>> = asked
            .iter()
            .map(|(lanes, at)| Question { lanes, interval: interval(*at, at + 5_000_000) })
            .collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Lanes::new(&entries).covered(&questions))
        };
        let alone = on(1);
        assert!(alone.iter().filter(|covered| **covered > Micros::ZERO).count() > 5_000);
        assert_eq!(alone, on(2));
        assert_eq!(alone, on(5));
    }
}
