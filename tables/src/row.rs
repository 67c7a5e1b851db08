//! From one row to the fields of one value, noting everything that is wrong on the way.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt::Debug;

use catalog::WallTime;
use catalog::import::KnownNames;

use crate::cell;
use crate::error::{Problems, quoted};
use crate::heading::Heading;
use crate::near;
use crate::sheet::{Cell, Row};

/// Names beyond which a hint at the nearest one is not worth the comparing.
const MAX_COMPARED: usize = 5_000;

/// What a row may refer to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Names {
    Units,
    Officers,
    Devices,
    Cases,
    Docks,
}

impl Names {
    fn of(self, known: &KnownNames) -> &BTreeSet<String> {
        match self {
            Self::Units => &known.units,
            Self::Officers => &known.badges,
            Self::Devices => &known.devices,
            Self::Cases => &known.cases,
            Self::Docks => &known.docks,
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Units => "the code of a unit that is known (import the units first)",
            Self::Officers => "the badge of an officer who is known (import the officers first)",
            Self::Devices => "the serial number of a device that is known (import the devices first)",
            Self::Cases => "the number of a case that is known (import the cases first)",
            Self::Docks => "the code of a dock that is known (import the docks first)",
        }
    }
}

/// A hint at the known name that was probably meant, as the end of a sentence.
pub(crate) fn hint<S: Borrow<str> + Ord>(name: &str, known: &BTreeSet<S>) -> String {
    let bare = name.trim_start_matches('0');
    let zeros = known.iter().map(Borrow::borrow).find(|known| known.trim_start_matches('0') == bare);
    if let Some(zeros) = zeros.filter(|_| !bare.is_empty()) {
        return format!("; {} is, and differs in its leading zeros", quoted(zeros));
    }
    if known.len() > MAX_COMPARED {
        return String::new();
    }
    near::nearest(name, known.iter().map(Borrow::borrow))
        .map_or(String::new(), |near| format!("; did you mean {}?", quoted(near)))
}

/// Something was wrong with a field, or with the row, and is among the problems.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noted;

/// Reads the fields of one row and notes what is wrong with them.
pub(crate) struct RowReader<'a> {
    pub(crate) heading: &'a Heading,
    pub(crate) row: &'a Row,
    pub(crate) known: &'a KnownNames,
    pub(crate) problems: &'a mut Problems,
    /// Columns that name a row.
    pub(crate) key_columns: &'static [&'static str],
    /// What was read of those columns so far, whatever else is wrong with the row.
    pub(crate) key: Vec<String>,
}

/// A value as part of what names a row: the same for the same value, however it was written.
pub(crate) fn key_part(value: &impl Debug) -> String {
    format!("{value:?}")
}

impl RowReader<'_> {
    /// Notes a problem of a column.
    pub(crate) fn note(&mut self, column: &str, found: impl Into<String>, expected: impl Into<String>) {
        self.problems.note(Some(self.row.line), self.heading.for_problem(column), found, expected);
    }

    /// The cell of a column; `None` if it is empty, or the file has no such column.
    fn filled(&self, column: &str) -> Option<&Cell> {
        let (_, index) = self.heading.column(column)?;
        self.row.cells.get(index).filter(|cell| !cell.is_empty())
    }

    /// The cell of a column as a message repeats it.
    pub(crate) fn shown(&self, column: &str) -> String {
        self.filled(column).unwrap_or(&Cell::Empty).shown()
    }

    /// A field that may be empty.
    pub(crate) fn optional<T: Debug>(
        &mut self,
        column: &str,
        read: impl Fn(&Cell) -> Result<T, String>,
    ) -> Result<Option<T>, Noted> {
        let Some(cell) = self.filled(column) else { return Ok(None) };
        match read(cell) {
            Ok(value) => {
                if self.key_columns.contains(&column) {
                    self.key.push(key_part(&value));
                }
                Ok(Some(value))
            }
            Err(expected) => {
                let found = cell.shown();
                self.note(column, found, expected);
                Err(Noted)
            }
        }
    }

    /// A field that must be filled. That the column is missing was noted with the headings.
    pub(crate) fn required<T: Debug>(
        &mut self,
        column: &str,
        read: impl Fn(&Cell) -> Result<T, String>,
    ) -> Result<T, Noted> {
        let value = self.optional(column, &read)?;
        if value.is_none() && self.heading.column(column).is_some() {
            // What would be right is what the reader says of something that is not.
            let expected =
                read(&Cell::Empty).err().unwrap_or_else(|| "a value, which every row must have".to_owned());
            self.note(column, Cell::Empty.shown(), expected);
        }
        value.ok_or(Noted)
    }

    /// Text that may be empty.
    pub(crate) fn text(&mut self, column: &str) -> Result<String, Noted> {
        self.optional(column, cell::text).map(Option::unwrap_or_default)
    }

    fn check_known(&mut self, column: &str, name: &str, names: Names) -> Result<(), Noted> {
        let known = names.of(self.known);
        if known.contains(name) {
            return Ok(());
        }
        let hint = if self.problems.worth_a_hint() { hint(name, known) } else { String::new() };
        self.note(column, quoted(name), format!("{}{hint}", names.expected()));
        Err(Noted)
    }

    fn read_reference(names: Names) -> fn(&Cell) -> Result<String, String> {
        // Case numbers have parentheses of full width that belong to them.
        if matches!(names, Names::Cases) { cell::name } else { cell::id }
    }

    /// A reference to something known.
    pub(crate) fn reference(&mut self, column: &str, names: Names) -> Result<String, Noted> {
        let name = self.required(column, Self::read_reference(names))?;
        self.check_known(column, &name, names)?;
        Ok(name)
    }

    /// A reference that may be empty.
    pub(crate) fn optional_reference(&mut self, column: &str, names: Names) -> Result<Option<String>, Noted> {
        let name = self.optional(column, Self::read_reference(names))?;
        if let Some(name) = &name {
            self.check_known(column, name, names)?;
        }
        Ok(name)
    }

    /// References to officers.
    pub(crate) fn officers(&mut self, column: &str) -> Result<Vec<String>, Noted> {
        let badges = self.required(column, cell::badges)?;
        let mut all_known = Ok(());
        for badge in &badges {
            all_known = self.check_known(column, badge, Names::Officers).and(all_known);
        }
        all_known.map(|()| badges)
    }

    /// A reference to a stage, from the columns `case_no` and `stage_no`.
    pub(crate) fn stage(&mut self) -> Result<(String, u32), Noted> {
        let case_no = self.required("case_no", cell::name);
        let stage_no = self.required("stage_no", cell::stage_no);
        let stage = (case_no?, stage_no?);
        if self.known.stages.contains(&stage) {
            return Ok(stage);
        }
        let (case_no, stage_no) = stage;
        if self.known.cases.contains(&case_no) {
            let first = (case_no.clone(), 0);
            let last = (case_no.clone(), u32::MAX);
            let known: Vec<String> = self
                .known
                .stages
                .range(first..=last)
                .take(20)
                .map(|(_, number)| number.to_string())
                .collect();
            let which = if known.is_empty() {
                "the case has none yet (import the stages first)".to_owned()
            } else {
                format!("the case has {}", known.join(", "))
            };
            self.note(
                "stage_no",
                quoted(&stage_no.to_string()),
                format!("a stage of case {}: {which}", quoted(&case_no)),
            );
        } else {
            self.check_known("case_no", &case_no, Names::Cases)?;
        }
        Err(Noted)
    }

    /// Two times, the second of which must be after the first, or not before it where `or_same`.
    pub(crate) fn span(&mut self, columns: [&str; 2], or_same: bool) -> Result<(WallTime, WallTime), Noted> {
        let start = self.required(columns[0], cell::moment);
        let end = self.required(columns[1], cell::moment);
        let (start, end) = (start?, end?);
        self.check_order(columns, start, end, or_same)?;
        Ok((start, end))
    }

    /// Notes that the second time is not after the first.
    pub(crate) fn check_order(
        &mut self,
        columns: [&str; 2],
        start: WallTime,
        end: WallTime,
        or_same: bool,
    ) -> Result<(), Noted> {
        if start < end || (or_same && start == end) {
            return Ok(());
        }
        let relation = if or_same { "a time not before" } else { "a time after" };
        self.note(
            columns[1],
            quoted(&end.to_string()),
            format!("{relation} {} ({start})", quoted(columns[0])),
        );
        Err(Noted)
    }
}
