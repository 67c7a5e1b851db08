//! How much of a stretch of time the entries of some lanes cover together.
//!
//! What counts is the union, to the microsecond: a moment that two entries cover counts once, whether
//! they are of one lane or of two. Entries of one lane come in order of start and are swept once, with
//! the latest end so far; those of several lanes are merged on the way.

use std::hint::black_box;

use catalog::{Interval, Micros, WallTime};
use rayon::prelude::*;

use super::{Lanes, Span};

/// How many questions a thread answers at a stretch. Those of a stretch share few lanes, which fit the
/// second-level cache together.
const STRETCH: usize = 512;

/// A stretch's lanes are read ahead if they have at most as many entries as this for each question;
/// with more, most of what is read ahead would not be asked for.
const READ_AHEAD_ENTRIES: usize = 32;

/// How much of `interval` do entries of any of `lanes` cover?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// Numbers of the lanes, in any order; there may be none, and lanes without an entry.
    pub lanes: &'a [u32],
    /// The time in question.
    pub interval: Interval<WallTime>,
}

/// Questions in the order in which they are answered fastest: by their first lane.
///
/// Bringing `q` of them into order takes O(q log q) and is worth keeping where the same are asked again.
#[derive(Debug)]
pub struct Questions(Vec<Stretch>);

/// Questions that one thread answers one after the other.
#[derive(Debug)]
struct Stretch {
    rows: Vec<Row>,
    /// The lanes of all rows, one after the other.
    lanes: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    interval: Interval<WallTime>,
    /// How many of the lanes are up to this row's last; its own begin where those of the row before end.
    lanes_end: usize,
    /// The caller's number for it.
    number: u32,
}

/// The answer to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    /// The number of the question: its place in what [`Questions::new`] was given.
    pub question: u32,
    /// How much of its interval is covered.
    pub covered: Micros,
}

impl Questions {
    /// The questions, numbered from 0 as they come.
    ///
    /// # Panics
    /// With 2³² questions or more: they would take 100 GB.
    pub fn new(questions: &[Question<'_>]) -> Self {
        Self::of_rows(questions, |question, lanes| {
            lanes.extend_from_slice(question.lanes);
            question.interval
        })
    }

    /// The questions that `question` makes of each row: it says the time and adds the lanes. It is called
    /// twice for a row and must say the same both times.
    ///
    /// # Panics
    /// With 2³² rows or more.
    pub fn of_rows<T: Sync>(
        rows: &[T],
        question: impl Fn(&T, &mut Vec<u32>) -> Interval<WallTime> + Sync,
    ) -> Self {
        let total = u32::try_from(rows.len()).expect("a month has fewer than 2^32 obligations");
        // Those of one lane by time: what one asks for, the next finds in the cache.
        let mut order: Vec<_> = (0..total)
            .into_par_iter()
            .zip(rows)
            .map_init(Vec::new, |lanes, (number, row)| {
                lanes.clear();
                let interval = question(row, lanes);
                (lanes.first().copied().unwrap_or(u32::MAX), interval.start, number)
            })
            .collect();
        order.par_sort_unstable();
        let stretch = |order: &[(u32, WallTime, u32)]| {
            let mut lanes = Vec::new();
            let row = |&(_, _, number): &(_, _, u32)| {
                let interval = question(&rows[number as usize], &mut lanes);
                Row { interval, lanes_end: lanes.len(), number }
            };
            Stretch { rows: order.iter().map(row).collect(), lanes }
        };
        Self(order.par_chunks(STRETCH).map(stretch).collect())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|stretch| stretch.rows.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Lanes {
    /// The answers, by the questions' first lanes.
    ///
    /// They are spread over rayon's threads in contiguous stretches. Time is that of [`Lanes::meeting`] for
    /// each lane of each question.
    pub fn covered(&self, questions: &Questions) -> Vec<Answer> {
        let mut answers = vec![Answer { question: 0, covered: Micros::ZERO }; questions.len()];
        questions.0.par_iter().zip(answers.par_chunks_mut(STRETCH)).for_each(|(stretch, answers)| {
            self.read_ahead(&stretch.lanes, stretch.rows.len());
            let (mut from, mut runs) = (0, Vec::new());
            for (row, answer) in stretch.rows.iter().zip(answers) {
                let lanes = &stretch.lanes[from..row.lanes_end];
                from = row.lanes_end;
                let covered = self.answer(row.interval, lanes, &mut runs);
                *answer = Answer { question: row.number, covered };
            }
        });
        answers
    }

    /// Reads what a stretch of questions is about in the order in which it lies in memory.
    ///
    /// Each question goes to another place of a few lanes. Memory delivers neighbours many times as fast as one
    /// line here and one there, so having it deliver whole lanes is cheaper although not all is needed.
    fn read_ahead(&self, lanes: &[u32], questions: usize) {
        let (Some(&low), Some(&high)) = (lanes.iter().min(), lanes.iter().max()) else { return };
        let stretch = self.stretch(low, high);
        if stretch.clone().map(<[Span]>::len).sum::<usize>() <= questions.saturating_mul(READ_AHEAD_ENTRIES) {
            // Every second span is enough to touch each line of the cache.
            let sum =
                stretch.flat_map(|spans| spans.iter().step_by(2)).fold(0, |sum, span| sum ^ span.start.0);
            black_box(sum);
        }
    }

    fn answer<'s>(&'s self, whole: Interval<WallTime>, lanes: &[u32], runs: &mut Vec<&'s [Span]>) -> Micros {
        let run = |lane| {
            let spans = self.reaching(lane, whole.start);
            spans.first().is_some_and(|span| span.start < whole.end).then_some(spans)
        };
        let mut sweep = Sweep::new(whole);
        if let [lane] = lanes {
            for span in run(*lane).unwrap_or_default().iter().take_while(|span| span.start < whole.end) {
                sweep.add(span);
            }
            return sweep.covered;
        }
        runs.clear();
        runs.extend(lanes.iter().filter_map(|&lane| run(lane)));
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

    /// What is covered of each question, as they were asked; each must be answered once.
    fn in_order(answers: &[Answer]) -> Vec<Micros> {
        let mut answers = answers.to_vec();
        answers.sort_unstable();
        assert!((0..).zip(&answers).all(|(number, answer)| answer.question == number));
        answers.into_iter().map(|answer| answer.covered).collect()
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
            prop_assert_eq!(in_order(&index(&rows).covered(&Questions::new(&questions))), expected);
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
            pool.install(|| in_order(&Lanes::new(&entries).covered(&Questions::new(&questions))))
        };
        let alone = on(1);
        assert!(alone.iter().filter(|covered| **covered > Micros::ZERO).count() > 5_000);
        assert_eq!(alone, on(2));
        assert_eq!(alone, on(5));
    }
}
