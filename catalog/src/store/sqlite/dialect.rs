//! What SQLite writes differently: pieces of statements, as literals.

/// Whether one text has another in it.
macro_rules! contains {
    ($text:literal, $part:literal) => {
        concat!("instr(", $text, ", ", $part, ") > 0")
    };
}

/// At most so many rows. Of a bare parameter SQLite looks at the number, and so prepares the statement anew whenever one is
/// bound; of a sum it does not.
macro_rules! limit {
    ($parameter:literal) => {
        concat!(" LIMIT (", $parameter, " + 0)")
    };
}

/// A join in the order in which the tables are named: SQLite reorders any other, and has no statistics to do it well.
macro_rules! in_order {
    () => {
        "CROSS JOIN"
    };
}

/// The recordings `t` of each `owner` `w`, a page of each at most: up to the key after which there is a page ($7) already.
/// A text is less than any blob, so where there is no such key there is no bound.
macro_rules! page_of_owner {
    () => {
        "CROSS JOIN recording_facet t
             ON t.facet = w.facet AND t.value = w.value AND t.object_key > coalesce($1, '')
            AND t.object_key <= coalesce(
                (SELECT l.object_key FROM recording_facet l
                 WHERE l.facet = w.facet AND l.value = w.value AND l.object_key > coalesce($1, '')
                 ORDER BY l.object_key LIMIT 1 OFFSET $7), x'')"
    };
}

/// The texts of a JSON array, for `IN`.
macro_rules! texts {
    ($array:literal) => {
        concat!("(SELECT value FROM json_each(", $array, "))")
    };
}

/// The whole numbers of a JSON array, for `IN`.
macro_rules! integers {
    ($array:literal) => {
        concat!("(SELECT value FROM json_each(", $array, "))")
    };
}

/// Whether a column is one of the few numbers that stand in `asked (id)`.
macro_rules! one_of_asked {
    ($column:literal) => {
        concat!($column, " IN (SELECT id FROM asked)")
    };
}

/// The whole number that a JSON object has under a name.
macro_rules! integer_of {
    ($object:literal, $name:literal) => {
        concat!("json_extract(", $object, ", '$.", $name, "')")
    };
}

/// A JSON array of columns, and of another array at its end, without white space.
macro_rules! array {
    ($first:expr $(, $rest:expr)*; $nested:expr) => {
        concat!("json_array(", $first $(, ", ", $rest)*, ", ", $nested, ")")
    };
    ($first:expr $(, $rest:expr)* $(,)?) => {
        concat!("json_array(", $first $(, ", ", $rest)*, ")")
    };
}

/// A column as an element of a JSON list.
macro_rules! value {
    ($column:literal) => {
        $column
    };
}

/// A JSON array of an element for each row, in an order.
macro_rules! list {
    ($element:expr; $rows:expr; $order:literal) => {
        concat!(
            "(SELECT json_group_array(",
            $element,
            ") FROM (SELECT * FROM ",
            $rows,
            " ORDER BY ",
            $order,
            "))"
        )
    };
}

/// A JSON array of an element for each row of a statement, in its order.
macro_rules! page_list {
    ($element:expr; $rows:expr) => {
        concat!("json_group_array(", $element, ") FROM (", $rows, ")")
    };
}

/// A real number with so many decimals, as text.
macro_rules! decimals {
    ($column:literal, $places:literal) => {
        concat!("printf('%.", $places, "f', ", $column, ")")
    };
}

/// The same of a column that may be NULL.
macro_rules! known_decimals {
    ($column:literal, $places:literal) => {
        concat!("CASE WHEN ", $column, " IS NOT NULL THEN printf('%.", $places, "f', ", $column, ") END")
    };
}

/// Bytes as upper-case hexadecimal; nothing for NULL.
macro_rules! hexadecimal {
    ($column:literal) => {
        concat!("hex(", $column, ")")
    };
}

/// Columns of a statement's rows, for `engine::rows`: all rows as one.
macro_rules! rows {
    (($($column:literal),+); $rows:expr) => {
        concat!("SELECT ", page_list!(array!($($column),+); $rows))
    };
}
