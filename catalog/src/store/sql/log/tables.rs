//! Which tables are logged, and what of a row is.
//!
//! Evidence and what it is judged by: what should exist, what was read, what people did, who may do what. Not logged are
//! sessions, idempotency keys and an account's failed attempts, which come and go; chunk lists, which help to find a
//! change and prove none; and `object`, whose state follows from what was recorded (`Log::log_misplaced` holds it
//! against that).
//!
//! What hangs from a row (streams, gaps, spans, officers) is part of it, as JSON arrays in the order of their keys. Real
//! numbers are written out with a fixed number of decimals, because two versions of an engine may print them differently.

use std::iter;
use std::sync::LazyLock;

use super::super::engine;

/// A logged table.
pub(in super::super) struct Logged {
    /// Its name, which is the leaf's kind.
    pub(super) kind: &'static str,
    /// Its key columns.
    key: &'static [&'static str],
    /// What of a row `t` is logged beside the key.
    columns: &'static str,
    /// Whether the log keeps the content, or its digest alone.
    pub(super) keeps_content: bool,
}

const fn logged(kind: &'static str, key: &'static [&'static str], columns: &'static str) -> Logged {
    Logged { kind, key, columns, keeps_content: true }
}

const fn trail(kind: &'static str, key: &'static [&'static str], columns: &'static str) -> Logged {
    Logged { kind, key, columns, keeps_content: false }
}

/// In the order in which an existing catalog is taken into the log.
pub(super) const TABLES: &[Logged] = &[
    logged("unit", &["code"], "t.name, t.kind, t.parent"),
    logged("officer", &["badge"], "t.name, t.unit, t.frontline"),
    logged("device", &["serial"], "t.kind, t.unit, t.holder, t.synced_at_us, t.clock_error_us"),
    logged(
        "enforcement_case",
        &["case_no"],
        "t.unit, t.procedure, t.filed_at_us, t.closed_at_us, t.title,
         (SELECT c.repeats FROM complaint c WHERE c.case_no = t.case_no) AS repeats",
    ),
    logged(
        "stage",
        &["case_no", "stage_no"],
        concat!(
            "t.kind, t.starts_at_us, t.ends_at_us, t.place, ",
            list!(value!("badge"); "stage_officer c WHERE c.case_no = t.case_no AND c.stage_no = t.stage_no"; "position"),
            " AS officers"
        ),
    ),
    logged("link", &["case_no", "stage_no", "object_key"], ""),
    logged(
        "manifest_entry",
        &["device", "file"],
        "t.badge, t.starts_at_us, t.ends_at_us, t.size_bytes",
    ),
    logged(
        "dock",
        &["code"],
        concat!(
            "t.name, t.unit, ",
            decimals!("t.lon", "9"),
            " AS lon, ",
            decimals!("t.lat", "9"),
            " AS lat, ",
            decimals!("t.radius_m", "3"),
            " AS radius_m"
        ),
    ),
    logged("area", &["name"], "t.kind, t.sub_district, t.polygons_json"),
    logged(
        "sortie",
        &["sortie"],
        "t.dock, t.device, t.took_off_at_us, t.landed_at_us, t.object_key, t.track, t.status, t.note",
    ),
    logged(
        "excuse",
        &["case_no", "stage_no", "reason", "recorded_at_us"],
        "t.note, t.recorded_by, t.starts_at_us, t.ends_at_us",
    ),
    logged(
        "excuse_withdrawal",
        &["case_no", "stage_no", "reason", "recorded_at_us"],
        "t.withdrawn_by, t.withdrawn_at_us, t.note",
    ),
    logged("store", &["store_id"], "t.url, t.added_at_us"),
    logged(
        "observation",
        &["observation_id"],
        concat!(
            "(SELECT s.url FROM object b JOIN store s USING (store_id) WHERE b.object_id = t.object_id) AS store,
             (SELECT b.object_key FROM object b WHERE b.object_id = t.object_id) AS object_key,
             t.object_id, t.version, t.reading, t.signature, t.observed_at_us, t.written_at_us, t.size_bytes, t.sha256,
             t.sm3, t.container, t.device, t.badge, t.seq, t.started_at_us, t.started_at_source, t.clock_error_us,
             t.origin_us, t.duration_us, t.quarantined, t.sidecar, ",
            list!(array!("source", "started_at_us", "error_us");
                "start_claim c WHERE c.observation_id = t.observation_id"; "source"),
            " AS start_claims, ",
            list!(array!("stream_index", "kind", "codec", "packets", "keyframes", "size_bytes", "start_us", "end_us",
                    "interval_us");
                "stream c WHERE c.observation_id = t.observation_id"; "stream_index"),
            " AS streams, ",
            list!(array!("stream_index", "start_us", "end_us");
                "stream_gap c WHERE c.observation_id = t.observation_id"; "stream_index, start_us"),
            " AS stream_gaps, ",
            list!(array!("code", "detail"); "problem c WHERE c.observation_id = t.observation_id"; "position"),
            " AS problems, ",
            list!(array!("kind", "samples", "CASE WHEN supported THEN 1 ELSE 0 END", "set_key");
                "telemetry c WHERE c.observation_id = t.observation_id"; "position"),
            " AS telemetry, ",
            list!(array!("kind", "stream_index", "samples_read", "units_with_position", "clock_kind", "zero_at_us",
                    "zero_error_us", "zero_samples", "first_at_us", "last_at_us",
                    known_decimals!("position_error_m", "6"),
                    known_decimals!("vertical_error_m", "6"),
                    known_decimals!("angle_error_deg", "6"),
                    "clock_error_us", "points_json", "notes_json");
                "track c WHERE c.observation_id = t.observation_id"; "position"),
            " AS tracks,
             CASE WHEN t.version > 1 AND t.reading = 1 THEN ",
            list!(array!("start_byte", "end_byte", "start_us", "end_us");
                "altered_range c WHERE c.object_id = t.object_id AND c.version = t.version"; "start_byte"),
            " END AS altered"
        ),
    ),
    logged(
        "inspection",
        &["inspection_id"],
        concat!(
            "t.object_id, t.version, t.inspected_at_us, t.options_json, t.video, t.audio, t.start_us, t.duration_us,
             t.frames_decoded, t.problems_json, ",
            list!(array!("kind", "start_us", "end_us");
                "inspection_span c WHERE c.inspection_id = t.inspection_id"; "kind, start_us"),
            " AS spans, (SELECT ",
            array!("c.format", "c.sound_start_us", hexadecimal!("c.sound_levels"), hexadecimal!("c.pictures")),
            " FROM inspection_trace c WHERE c.inspection_id = t.inspection_id) AS trace"
        ),
    ),
    logged("listing", &["listing_id"], "t.store_id, t.prefix, t.listed_at_us, t.recorded_at_us, t.objects"),
    logged(
        "fixity_run",
        &["fixity_run_id"],
        "t.begun_at_us, t.policy, t.budget_us, t.budget_bytes, t.due_objects, t.due_bytes",
    ),
    logged("fixity_run_end", &["fixity_run_id"], "t.at_us, t.ended"),
    logged(
        "fixity_check",
        &["fixity_check_id"],
        "t.fixity_run_id, t.object_id, t.version, t.at_us, t.class, t.outcome, t.bytes_read, t.signature, t.detail",
    ),
    logged("setting", &["setting_id"], "t.kind, t.name, t.sha256, t.text, t.at_us"),
    logged(
        "round",
        &["round_id"],
        "t.month, t.policy, t.frozen_at_us, t.frozen_json, t.frame_sha256",
    ),
    logged("announced_seed", &["round_id"], "t.seed, t.at_us, t.by_whom"),
    logged("round_draw", &["round_id"], "t.seed, t.drawn_at_us, t.draw_json"),
    logged(
        "round_act",
        &["round_act_id"],
        "t.round_id, t.kind, t.at_us, t.who, t.why, t.item, t.taken_json, t.seed, t.draw_json",
    ),
    logged(
        "review_assignment",
        &["round_id", "item", "seat", "revision"],
        "t.unit, t.badge, t.blind, t.assigned_at_us, t.due_at_us, t.assigned_by, t.reason",
    ),
    logged(
        "review_event",
        &["round_id", "item", "number"],
        "t.at_us, t.by_badge, t.act, t.act_json",
    ),
    logged(
        "visit",
        &["visit_id"],
        "t.unit, t.starts_at_us, t.ends_at_us, t.on_site, t.supervisors_json, t.note, t.found_json,
         t.recorded_at_us, t.recorded_by",
    ),
    logged("notice", &["notice_id"], "t.kind, t.month, t.unit, t.cause, t.body_json"),
    logged("notice_event", &["notice_id", "number"], "t.at_us, t.by_whom, t.act, t.act_json"),
    logged("notice_serial", &["district", "year", "kind", "serial"], "t.notice_id"),
    logged(
        "kept_return",
        &["month", "policy", "state", "version"],
        "t.at_us, t.by_whom, t.figures_sha256, t.sentence",
    ),
    logged("kept_return_file", &["month", "policy", "state", "version", "format"], "t.sha256, t.bytes"),
    logged(
        "schedule_step",
        &["step_id"],
        "t.month, t.policy, t.step, t.at_us, t.outcome, t.detail, t.detail_zh, t.round",
    ),
    logged(
        "user_account",
        &["user_id"],
        "t.login, t.name, t.role, t.unit, t.badge, t.password_hash, t.created_at_us, t.disabled_at_us",
    ),
    logged(
        "api_token",
        &["api_token_id"],
        "t.token_sha256, t.user_id, t.name, t.scope, t.created_at_us, t.ends_at_us, t.revoked_at_us",
    ),
    logged("log_key", &["key_no"], "t.vkey, t.since_us, t.statement"),
    trail("event", &["event_id"], "t.at_us, t.kind, t.subject, t.detail_json"),
    trail(
        "access_trail",
        &["access_trail_id"],
        "t.at_us, t.user_id, t.login, t.act, t.subject, t.outcome, t.detail_json",
    ),
];

/// The statements of one table. The first column of each is the row's key as a JSON array.
pub(super) struct Statements {
    /// Rows of the keys in `$1`, a JSON array of keys; their last columns are [`engine::NUMBERS_BESIDE`].
    pub(super) of_keys: String,
    /// Rows without a leaf after the row `$1`, `$2` of them; the last column is the row's number. Where an engine numbers no
    /// rows, rows that have a leaf by then are passed over by that alone.
    pub(super) unlogged: String,
}

impl Logged {
    fn statements(&self) -> Statements {
        let Self { kind, key, columns, .. } = self;
        let names: Vec<String> = key.iter().map(|name| format!("t.{name}")).collect();
        let row_key = engine::array_of(&names);
        let mut list = format!("{row_key} AS row_key, {}", names.join(", "));
        if !columns.is_empty() {
            list.push_str(", ");
            list.push_str(columns);
        }
        let matches: Vec<String> = key
            .iter()
            .enumerate()
            .map(|(place, name)| format!("t.{name} = {}", engine::key_column(kind, place, name)))
            .collect();
        let (keys, matches) = (engine::KEYS, matches.join(" AND "));
        let (number, after, order) = engine::UNLOGGED_PAGE;
        let beside = iter::once(list.as_str()).chain(engine::NUMBERS_BESIDE.iter().copied());
        let beside = beside.collect::<Vec<_>>().join(", ");
        Statements {
            of_keys: format!("/* log_rows */ SELECT {beside} FROM {keys} {kind} t ON {matches}"),
            unlogged: format!(
                "/* log_unlogged */ SELECT {list}, {number} AS row_number FROM {kind} t
                 WHERE {after} AND NOT EXISTS
                     (SELECT 1 FROM log_leaf l WHERE l.kind = '{kind}' AND l.row_key = {row_key})
                 {order} LIMIT $2"
            ),
        }
    }
}

static STATEMENTS: LazyLock<Vec<Statements>> =
    LazyLock::new(|| TABLES.iter().map(Logged::statements).collect());

/// Every table with its statements.
pub(super) fn all() -> impl Iterator<Item = (&'static Logged, &'static Statements)> {
    TABLES.iter().zip(STATEMENTS.iter())
}

/// One table; `None` if it is not logged.
pub(super) fn of(kind: &str) -> Option<(&'static Logged, &'static Statements)> {
    all().find(|(table, _)| table.kind == kind)
}
