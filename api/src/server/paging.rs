//! Lists, sorted and a page at a time, all alike.
//!
//! A page goes on after an entry and not after a number of entries: `after` says where the last entry of the page before
//! stood, so what is written meanwhile shifts nothing, and an entry that is gone meanwhile leaves no hole. `sort` is the
//! name of a column, or `-` and the name for the other way round; entries that are equal in it stand by their own name
//! (in a list that the catalog sorts, the other way round, too), and those that have nothing in it come last either way.
//!
//! In a list's own order `after` is the name of an entry, so that a script can begin where it likes. In every other it is
//! a token that only this service makes, and that says of which order it is: given with another, it is refused.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
pub(crate) use catalog::store::SortKey as Key;
use catalog::store::{Column, Order};

use super::params::Params;
use super::problem::Problem;

/// Entries of a page at most where a list is read whole from the catalog anyhow, and so many if nobody says.
pub(super) const MOST: u32 = 1000;

/// What begins a token, and no name.
const TOKEN: char = '~';

/// As it stands in an address.
fn written(key: &Key) -> String {
    match key {
        Key::Number(number) => number.to_string(),
        Key::Text(text) => text.clone(),
        Key::Nothing => String::new(),
    }
}

/// What the entries of a list are called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// Numbers.
    ByNumber,
    /// Texts.
    ByText,
}

/// Where an entry stands: what it is sorted by, and its name.
pub(crate) type Place = (Key, Key);

/// The order that was asked for, and where in it the page begins.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The column; `None` in the list's own order.
    pub(crate) column: Option<&'static str>,
    /// Whether it is the other way round.
    pub(crate) backwards: bool,
    /// The last entry of the page before.
    pub(crate) after: Option<Place>,
    /// Entries of the page at most.
    pub(crate) limit: usize,
}

impl Asked {
    /// What the parameters `sort`, `after` and `limit` ask for of a list that can be sorted by the columns `sorts`.
    pub(super) fn of(params: &Params, sorts: &[&'static str], named: Named) -> Result<Self, Problem> {
        Self::at_most(params, sorts, named, MOST, MOST)
    }

    /// The same, where a page has `usual` entries if nobody says, and `most` at most.
    pub(super) fn at_most(
        params: &Params,
        sorts: &[&'static str],
        named: Named,
        usual: u32,
        most: u32,
    ) -> Result<Self, Problem> {
        let limit = usize::try_from(params.limit(usual, most)?).unwrap_or(usize::MAX);
        let sort = params.text("sort").unwrap_or_default();
        let (wanted, backwards) = sort.strip_prefix('-').map_or((sort, false), |wanted| (wanted, true));
        let column = sorts.iter().copied().find(|column| *column == wanted);
        if column.is_none() && !sort.is_empty() {
            return Err(no_column(sort, sorts));
        }
        let mut asked = Self { column, backwards, after: None, limit };
        if let Some(text) = params.text("after") {
            asked.after = Some(asked.read(text, named).ok_or_else(|| of_another_order(text))?);
        }
        Ok(asked)
    }

    /// The whole list in the order that is asked for, on one page.
    pub(super) fn whole(mut self) -> Self {
        (self.after, self.limit) = (None, usize::MAX);
        self
    }

    /// The order as the catalog takes it, of a list whose entries have numbers, by this column.
    pub(super) fn order<S: Column>(&self, sort: S) -> Result<Order<S>, Problem> {
        let after = match &self.after {
            None => None,
            Some((key, Key::Number(number))) => {
                let fits = match key {
                    Key::Number(_) => !sort.is_text(),
                    Key::Text(_) => sort.is_text(),
                    Key::Nothing => true,
                };
                if !fits {
                    return Err(of_another_order(&self.written(&(key.clone(), Key::Number(*number)))));
                }
                Some((key.clone(), *number))
            }
            Some(place) => return Err(of_another_order(&self.written(place))),
        };
        Ok(Order { sort, backwards: self.backwards, after })
    }

    fn sort(&self) -> String {
        format!("{}{}", if self.backwards { "-" } else { "" }, self.column.unwrap_or_default())
    }

    fn read(&self, text: &str, named: Named) -> Option<Place> {
        match (self.column, text.strip_prefix(TOKEN)) {
            (None, None) => match named {
                Named::ByText => Some((Key::Nothing, text.into())),
                Named::ByNumber => text.parse().ok().map(|number| (Key::Nothing, Key::Number(number))),
            },
            (Some(_), Some(token)) => {
                let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
                let (sort, key, name): (String, Key, Key) = serde_json::from_slice(&bytes).ok()?;
                (sort == self.sort()).then_some((key, name))
            }
            _ => None,
        }
    }

    /// What to give as `after` for the page that follows this entry.
    pub(crate) fn written(&self, (key, name): &Place) -> String {
        if self.column.is_none() {
            return written(name);
        }
        // Two numbers or texts and a name always become JSON.
        let json = serde_json::to_vec(&(self.sort(), key, name)).unwrap_or_default();
        format!("{TOKEN}{}", URL_SAFE_NO_PAD.encode(json))
    }

    /// Which of two entries stands first.
    pub(crate) fn compare(&self, one: &Place, other: &Place) -> Ordering {
        let lacks = |place: &Place| place.0 == Key::Nothing;
        let by_key = || if self.backwards { other.0.cmp(&one.0) } else { one.0.cmp(&other.0) };
        lacks(one).cmp(&lacks(other)).then_with(by_key).then_with(|| one.1.cmp(&other.1))
    }

    /// Whether an entry is of this page or a later one.
    pub(crate) fn is_ahead(&self, place: &Place) -> bool {
        self.after.as_ref().is_none_or(|after| self.compare(place, after).is_gt())
    }

    /// The page of `entries` and what to give as `after` for the next; `None` on the last. `key` is what an entry has in
    /// a column, `name` what tells entries apart. O(n log n).
    pub(super) fn page<T>(
        &self,
        entries: Vec<T>,
        key: impl Fn(&T, &str) -> Key,
        name: impl Fn(&T) -> Key,
    ) -> (Vec<T>, Option<String>) {
        let place = |entry: &T| (self.column.map_or(Key::Nothing, |column| key(entry, column)), name(entry));
        let mut ahead: Vec<(Place, T)> = entries
            .into_iter()
            .map(|entry| (place(&entry), entry))
            .filter(|(place, _)| self.is_ahead(place))
            .collect();
        ahead.sort_by(|(one, _), (other, _)| self.compare(one, other));
        let more = ahead.len() > self.limit;
        ahead.truncate(self.limit);
        let next = ahead.last().filter(|_| more).map(|(place, _)| self.written(place));
        (ahead.into_iter().map(|(_, entry)| entry).collect(), next)
    }
}

fn no_column(sort: &str, sorts: &[&str]) -> Problem {
    Problem::parameter(
        "sort",
        format!("`sort` is `{sort}`; expected one of {}, or one of them with - before it.", sorts.join(", ")),
        format!("参数“sort”的值“{sort}”不符合要求，应为以下之一（倒序时前加“-”）：{}。", sorts.join("、")),
    )
}

fn of_another_order(after: &str) -> Problem {
    Problem::parameter(
        "after",
        format!(
            "`after` is `{after}`, which is no `next` of this list in this order: begin at its first page."
        ),
        format!("参数“after”的值“{after}”不是该清单按现有排序给出的“next”，请从第一页查起。"),
    )
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;

    use super::*;

    /// A number, a word, and perhaps a weight.
    type Entry = (i64, &'static str, Option<i64>);

    const ENTRIES: [Entry; 5] =
        [(3, "b", Some(7)), (1, "b", None), (2, "a", Some(9)), (4, "c", Some(7)), (5, "c", None)];

    fn key(entry: &Entry, column: &str) -> Key {
        match column {
            "word" => entry.1.into(),
            _ => entry.2.map_or(Key::Nothing, Key::Number),
        }
    }

    fn ask(entries: &[Entry], query: &str) -> Result<(Vec<i64>, Option<String>), Problem> {
        let uri: Uri = format!("/?{query}").parse().unwrap();
        let params = Params::of(&uri, &["sort", "after", "limit"])?;
        let asked = Asked::of(&params, &["word", "weight"], Named::ByNumber)?;
        let (page, next) = asked.page(entries.to_vec(), key, |entry| Key::Number(entry.0));
        Ok((page.into_iter().map(|entry| entry.0).collect(), next))
    }

    #[test]
    fn entries_stand_in_the_order_that_is_asked_for() {
        for (query, order) in [
            ("", [1, 2, 3, 4, 5]),
            ("sort=word", [2, 1, 3, 4, 5]),
            ("sort=-word", [4, 5, 1, 3, 2]),
            ("sort=weight", [3, 4, 2, 1, 5]),
            ("sort=-weight", [2, 3, 4, 1, 5]),
        ] {
            assert_eq!(ask(&ENTRIES, query).unwrap(), (order.to_vec(), None), "{query}");
        }
    }

    #[test]
    fn pages_of_any_size_give_each_entry_once_and_in_order() {
        for sort in ["", "sort=word", "sort=-word", "sort=weight", "sort=-weight"] {
            let whole = ask(&ENTRIES, sort).unwrap().0;
            for limit in 1..=6 {
                let (mut walked, mut after) = (Vec::new(), String::new());
                loop {
                    let (page, next) = ask(&ENTRIES, &format!("{sort}&limit={limit}&after={after}")).unwrap();
                    walked.extend(page);
                    match next {
                        Some(next) => after = next,
                        None => break,
                    }
                }
                assert_eq!(walked, whole, "{sort}, {limit} a page");
            }
        }
    }

    #[test]
    fn a_page_goes_on_where_the_last_one_ended_even_if_that_entry_is_gone() {
        let (page, next) = ask(&ENTRIES, "sort=-weight&limit=2").unwrap();
        assert_eq!(page, [2, 3]);
        let rest: Vec<Entry> = ENTRIES.into_iter().filter(|entry| entry.0 != 3).collect();
        let query = format!("sort=-weight&after={}", next.unwrap());
        assert_eq!(ask(&rest, &query).unwrap().0, [4, 1, 5]);
    }

    #[test]
    fn a_column_that_is_not_there_and_a_place_in_another_order_are_refused() {
        let next = ask(&ENTRIES, "sort=word&limit=2").unwrap().1.unwrap();
        for query in [
            "sort=size".to_owned(),
            "sort=-".to_owned(),
            "sort=--word".to_owned(),
            "limit=0".to_owned(),
            format!("after={next}"),
            format!("sort=-word&after={next}"),
            format!("sort=weight&after={next}"),
            "sort=word&after=3".to_owned(),
            "sort=word&after=~x".to_owned(),
            "after=three".to_owned(),
        ] {
            assert!(ask(&ENTRIES, &query).is_err(), "{query}");
        }
        assert_eq!(ask(&ENTRIES, "after=3").unwrap().0, [4, 5], "a name does in the list's own order");
    }
}
