//! What PostgreSQL writes differently: pieces of statements, as literals.

/// Whether one text has another in it.
macro_rules! contains {
    ($text:literal, $part:literal) => {
        concat!("strpos(", $text, ", ", $part, ") > 0")
    };
}

/// At most so many rows.
macro_rules! limit {
    ($parameter:literal) => {
        concat!(" LIMIT ", $parameter)
    };
}

/// A join in whatever order PostgreSQL finds best: it has statistics.
macro_rules! in_order {
    () => {
        "JOIN"
    };
}

/// The recordings `t` of each `owner` `w`, a page of each at most.
macro_rules! page_of_owner {
    () => {
        "CROSS JOIN LATERAL (
             SELECT l.object_key, l.object_id FROM recording_facet l
             WHERE l.facet = w.facet AND l.value = w.value AND l.object_key > coalesce($1, '')
             ORDER BY l.object_key, l.object_id LIMIT $7) t"
    };
}

/// The texts of a JSON array, for `IN`.
macro_rules! texts {
    ($array:literal) => {
        concat!("(SELECT json_array_elements_text(CAST(", $array, " AS json)))")
    };
}

/// The whole numbers of a JSON array, for `IN`.
macro_rules! integers {
    ($array:literal) => {
        concat!("(SELECT CAST(json_array_elements_text(CAST(", $array, " AS json)) AS BIGINT))")
    };
}

/// Whether a column is one of the few numbers that stand in `asked (id)`. Of a subquery PostgreSQL expects so many that it
/// would rather walk a table of some ten thousand rows; of an array it does not.
macro_rules! one_of_asked {
    ($column:literal) => {
        concat!($column, " = ANY (ARRAY(SELECT id FROM asked))")
    };
}

/// The whole number that a JSON object has under a name.
macro_rules! integer_of {
    ($object:literal, $name:literal) => {
        concat!("CAST(CAST(", $object, " AS json) ->> '", $name, "' AS BIGINT)")
    };
}

/// A JSON array of columns, and of another array at its end, without white space: PostgreSQL's own arrays have some, and the log's bytes count.
macro_rules! array {
    ($first:expr $(, $rest:expr)*; $nested:expr) => {
        concat!(
            "('[' || coalesce(CAST(to_json(", $first, ") AS TEXT), 'null')",
            $(" || ',' || coalesce(CAST(to_json(", $rest, ") AS TEXT), 'null')",)*
            " || ',' || ", $nested, " || ']')"
        )
    };
    ($first:expr $(, $rest:expr)* $(,)?) => {
        concat!(
            "('[' || coalesce(CAST(to_json(", $first, ") AS TEXT), 'null')",
            $(" || ',' || coalesce(CAST(to_json(", $rest, ") AS TEXT), 'null')",)*
            " || ']')"
        )
    };
}

/// A column as an element of a JSON list.
macro_rules! value {
    ($column:literal) => {
        concat!("CAST(to_json(", $column, ") AS TEXT)")
    };
}

/// A JSON array of an element for each row, in an order.
macro_rules! list {
    ($element:expr; $rows:expr; $order:literal) => {
        concat!(
            "(SELECT '[' || coalesce(string_agg(",
            $element,
            ", ',' ORDER BY ",
            $order,
            "), '') || ']' FROM ",
            $rows,
            ")"
        )
    };
}

/// A JSON array of an element for each row of a statement, in its order.
macro_rules! page_list {
    ($element:expr; $rows:expr) => {
        concat!("'[' || coalesce(string_agg(", $element, ", ','), '') || ']' FROM (", $rows, ") page")
    };
}

/// A real number with so many decimals, as text; NULL for NULL.
macro_rules! decimals {
    ($column:literal, $places:literal) => {
        concat!("decimals(", $column, ", ", $places, ")")
    };
}

/// The same of a column that may be NULL.
macro_rules! known_decimals {
    ($column:literal, $places:literal) => {
        decimals!($column, $places)
    };
}

/// Bytes as upper-case hexadecimal; nothing for NULL.
macro_rules! hexadecimal {
    ($column:literal) => {
        concat!("coalesce(upper(encode(", $column, ", 'hex')), '')")
    };
}

/// Columns of a statement's rows, for `engine::rows`: the rows as they are.
macro_rules! rows {
    (($($column:literal),+); $rows:expr) => {
        $rows
    };
}
