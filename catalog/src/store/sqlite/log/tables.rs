//! Which tables are logged, and what of a row is.
//!
//! Evidence and what it is judged by: what should exist, what was read, what people did, who may do what. Not logged are
//! sessions, idempotency keys and an account's failed attempts, which come and go; chunk lists, which help to find a
//! change and prove none; and `object`, whose state follows from what was recorded (`Log::log_misplaced` holds it
//! against that).
//!
//! What hangs from a row (streams, gaps, spans, officers) is part of it, as JSON arrays in the order of their keys. Real
//! numbers are written out with a fixed number of decimals, because two versions of an engine may print them differently.

use std::fmt::Write as _;
use std::sync::LazyLock;

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
        "t.kind, t.starts_at_us, t.ends_at_us, t.place,
         (SELECT json_group_array(badge) FROM (SELECT o.badge FROM stage_officer o
          WHERE o.case_no = t.case_no AND o.stage_no = t.stage_no ORDER BY o.position)) AS officers",
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
        "t.name, t.unit, printf('%.9f', t.lon) AS lon, printf('%.9f', t.lat) AS lat,
         printf('%.3f', t.radius_m) AS radius_m",
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
        "(SELECT s.url FROM object b JOIN store s USING (store_id) WHERE b.object_id = t.object_id) AS store,
         (SELECT b.object_key FROM object b WHERE b.object_id = t.object_id) AS object_key,
         t.object_id, t.version, t.reading, t.signature, t.observed_at_us, t.written_at_us, t.size_bytes, t.sha256,
         t.sm3, t.container, t.device, t.badge, t.seq, t.started_at_us, t.started_at_source, t.clock_error_us,
         t.origin_us, t.duration_us, t.quarantined, t.sidecar,
         (SELECT json_group_array(json_array(source, started_at_us, error_us)) FROM (SELECT * FROM start_claim c
          WHERE c.observation_id = t.observation_id ORDER BY c.source)) AS start_claims,
         (SELECT json_group_array(json_array(stream_index, kind, codec, packets, keyframes, size_bytes, start_us,
                 end_us, interval_us)) FROM (SELECT * FROM stream c
          WHERE c.observation_id = t.observation_id ORDER BY c.stream_index)) AS streams,
         (SELECT json_group_array(json_array(stream_index, start_us, end_us)) FROM (SELECT * FROM stream_gap c
          WHERE c.observation_id = t.observation_id ORDER BY c.stream_index, c.start_us)) AS stream_gaps,
         (SELECT json_group_array(json_array(code, detail)) FROM (SELECT * FROM problem c
          WHERE c.observation_id = t.observation_id ORDER BY c.position)) AS problems,
         (SELECT json_group_array(json_array(kind, samples, supported, set_key)) FROM (SELECT * FROM telemetry c
          WHERE c.observation_id = t.observation_id ORDER BY c.position)) AS telemetry,
         (SELECT json_group_array(json_array(kind, stream_index, samples_read, units_with_position, clock_kind,
                 zero_at_us, zero_error_us, zero_samples, first_at_us, last_at_us,
                 CASE WHEN position_error_m IS NOT NULL THEN printf('%.6f', position_error_m) END,
                 CASE WHEN vertical_error_m IS NOT NULL THEN printf('%.6f', vertical_error_m) END,
                 CASE WHEN angle_error_deg IS NOT NULL THEN printf('%.6f', angle_error_deg) END,
                 clock_error_us, points_json, notes_json)) FROM (SELECT * FROM track c
          WHERE c.observation_id = t.observation_id ORDER BY c.position)) AS tracks,
         CASE WHEN t.version > 1 AND t.reading = 1 THEN
             (SELECT json_group_array(json_array(start_byte, end_byte, start_us, end_us)) FROM
                 (SELECT * FROM altered_range c WHERE c.object_id = t.object_id AND c.version = t.version
                  ORDER BY c.start_byte)) END AS altered",
    ),
    logged(
        "inspection",
        &["inspection_id"],
        "t.object_id, t.version, t.inspected_at_us, t.options_json, t.video, t.audio, t.start_us, t.duration_us,
         t.frames_decoded, t.problems_json,
         (SELECT json_group_array(json_array(kind, start_us, end_us)) FROM (SELECT * FROM inspection_span c
          WHERE c.inspection_id = t.inspection_id ORDER BY c.kind, c.start_us)) AS spans,
         (SELECT json_array(c.format, c.sound_start_us, hex(c.sound_levels), hex(c.pictures)) FROM inspection_trace c
          WHERE c.inspection_id = t.inspection_id) AS trace",
    ),
    logged("listing", &["listing_id"], "t.store_id, t.prefix, t.listed_at_us, t.recorded_at_us, t.objects"),
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
    /// Rows of the keys in `$1`, a JSON array of keys.
    pub(super) of_keys: String,
    /// Rows without a leaf after the row `$1`, `$2` of them; the last column is the row's number.
    pub(super) unlogged: String,
}

impl Logged {
    fn statements(&self) -> Statements {
        let Self { kind, key, columns, .. } = self;
        let names: Vec<String> = key.iter().map(|name| format!("t.{name}")).collect();
        let names = names.join(", ");
        let mut list = format!("json_array({names}) AS row_key, {names}");
        if !columns.is_empty() {
            list.push_str(", ");
            list.push_str(columns);
        }
        let mut matches = String::new();
        for (place, name) in key.iter().enumerate() {
            let and = if place == 0 { "" } else { " AND " };
            // Writing to a string cannot fail.
            let _ = write!(matches, "{and}t.{name} = j.value ->> {place}");
        }
        Statements {
            of_keys: format!(
                "/* log_rows */ SELECT {list} FROM json_each($1) j CROSS JOIN {kind} t ON {matches}"
            ),
            unlogged: format!(
                "/* log_unlogged */ SELECT {list}, t.rowid AS row_number FROM {kind} t
                 WHERE t.rowid > $1 AND NOT EXISTS
                     (SELECT 1 FROM log_leaf l WHERE l.kind = '{kind}' AND l.row_key = json_array({names}))
                 ORDER BY t.rowid LIMIT $2"
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
