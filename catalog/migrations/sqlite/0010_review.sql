-- Review, notices, returns and the schedule: what people did, in tables that only ever grow.
--
-- Times are microseconds since 1970-01-01T00:00:00Z (…_us). Columns …_json hold one JSON document whose
-- form is that of the type of the same name in the catalog crate.

-- ── Review ──────────────────────────────────────────────────────────────────────────────────

-- Who looks at what. A seat that is assigned anew gets the next revision; the earlier one stays.
CREATE TABLE review_assignment (
    round_id       TEXT NOT NULL REFERENCES round (round_id),
    -- CASE/STAGE, as frozen; the stage itself may have been corrected since.
    item           TEXT NOT NULL CHECK (item <> ''),
    -- Place among the item's supervisors, from 1; the first leads.
    seat           INTEGER NOT NULL CHECK (seat >= 1),
    revision       INTEGER NOT NULL CHECK (revision >= 1),
    -- Code of the unit that answers for the item, as frozen.
    unit           TEXT NOT NULL,
    -- The supervisor.
    badge          TEXT NOT NULL REFERENCES officer (badge),
    -- Whether the item's supervisors judge without seeing each other's verdict.
    blind          INTEGER NOT NULL CHECK (blind IN (0, 1)),
    assigned_at_us INTEGER NOT NULL,
    due_at_us      INTEGER NOT NULL,
    -- A badge, or the name of the schedule.
    assigned_by    TEXT NOT NULL CHECK (assigned_by <> ''),
    -- Why it was assigned anew; NULL for the first assignment of a seat.
    reason         TEXT,
    PRIMARY KEY (round_id, item, seat, revision),
    CHECK ((revision = 1) = (reason IS NULL))
) STRICT;

CREATE INDEX review_assignment_badge ON review_assignment (badge);

-- What was said of an item: verdicts, statements of the squad, decisions.
CREATE TABLE review_event (
    round_id TEXT NOT NULL REFERENCES round (round_id),
    item     TEXT NOT NULL CHECK (item <> ''),
    -- From 1, without gaps within an item.
    number   INTEGER NOT NULL CHECK (number >= 1),
    at_us    INTEGER NOT NULL,
    -- Badge of who did it.
    by_badge TEXT NOT NULL REFERENCES officer (badge),
    act      TEXT NOT NULL CHECK (act IN ('verdict', 'explanation', 'appeal', 'decision')),
    -- ReviewAct.
    act_json TEXT NOT NULL,
    PRIMARY KEY (round_id, item, number)
) STRICT;

-- A visit of supervisors to a unit; kept whether or not it found something.
CREATE TABLE visit (
    visit_id         INTEGER PRIMARY KEY,
    unit             TEXT NOT NULL REFERENCES unit (code),
    starts_at_us     INTEGER NOT NULL,
    ends_at_us       INTEGER NOT NULL CHECK (ends_at_us >= starts_at_us),
    -- Whether the supervisors were there in person.
    on_site          INTEGER NOT NULL CHECK (on_site IN (0, 1)),
    -- Badges, as a JSON list.
    supervisors_json TEXT NOT NULL,
    note             TEXT NOT NULL,
    -- What was found wrong, as a JSON list of texts; [] where nothing was.
    found_json       TEXT NOT NULL,
    recorded_at_us   INTEGER NOT NULL,
    recorded_by      TEXT NOT NULL REFERENCES officer (badge)
) STRICT;

-- ── Notices ─────────────────────────────────────────────────────────────────────────────────

-- What a notice says. What happens to it stands in notice_event.
CREATE TABLE notice (
    notice_id INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL CHECK (kind IN ('reminder', 'inform', 'supervise', 'proposal', 'decision')),
    -- Month whose round it comes from, 2024-06.
    month     TEXT NOT NULL CHECK (length(month) = 7),
    -- The unit that receives it.
    unit      TEXT NOT NULL REFERENCES unit (code),
    -- What it comes from: one cause gives one notice.
    cause     TEXT NOT NULL UNIQUE CHECK (cause <> ''),
    -- NoticeBody.
    body_json TEXT NOT NULL
) STRICT;

CREATE TABLE notice_event (
    notice_id INTEGER NOT NULL REFERENCES notice (notice_id),
    -- From 1, without gaps within a notice.
    number    INTEGER NOT NULL CHECK (number >= 1),
    at_us     INTEGER NOT NULL,
    -- A badge, or the name of the schedule.
    by_whom   TEXT NOT NULL CHECK (by_whom <> ''),
    act       TEXT NOT NULL CHECK (act IN ('drafted', 'issued', 'replied', 'closed', 'escalated', 'withdrawn')),
    -- NoticeAct.
    act_json  TEXT NOT NULL,
    PRIMARY KEY (notice_id, number)
) STRICT;

-- The numbers given so far: from 1 without gaps within district, year and kind, none ever given twice.
CREATE TABLE notice_serial (
    district  TEXT NOT NULL CHECK (district <> ''),
    year      INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    serial    INTEGER NOT NULL CHECK (serial >= 1),
    notice_id INTEGER NOT NULL UNIQUE REFERENCES notice (notice_id),
    PRIMARY KEY (district, year, kind, serial)
) STRICT;

-- ── Returns ─────────────────────────────────────────────────────────────────────────────────

-- A return as it was drafted or sent. Other figures are the next version.
CREATE TABLE kept_return (
    month          TEXT NOT NULL CHECK (length(month) = 7),
    policy         TEXT NOT NULL CHECK (policy <> ''),
    state          TEXT NOT NULL CHECK (state IN ('draft', 'sent')),
    -- From 1, without gaps within a state.
    version        INTEGER NOT NULL CHECK (version >= 1),
    at_us          INTEGER NOT NULL,
    by_whom        TEXT NOT NULL CHECK (by_whom <> ''),
    -- Of the figures, lower-case hexadecimal: the same figures are the same version.
    figures_sha256 TEXT NOT NULL CHECK (length(figures_sha256) = 64),
    sentence       TEXT NOT NULL,
    PRIMARY KEY (month, policy, state, version)
) STRICT;

-- Its files, byte for byte.
CREATE TABLE kept_return_file (
    month   TEXT NOT NULL,
    policy  TEXT NOT NULL,
    state   TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- The ending of its name: json, xlsx, docx, csv.
    format  TEXT NOT NULL CHECK (format <> ''),
    sha256  TEXT NOT NULL CHECK (length(sha256) = 64),
    bytes   BLOB NOT NULL,
    PRIMARY KEY (month, policy, state, version, format),
    FOREIGN KEY (month, policy, state, version) REFERENCES kept_return (month, policy, state, version)
) STRICT;

-- ── The schedule ────────────────────────────────────────────────────────────────────────────

-- The seed of a round as it was announced, for the schedule to draw with; one a round.
CREATE TABLE announced_seed (
    round_id TEXT NOT NULL PRIMARY KEY REFERENCES round (round_id),
    seed     TEXT NOT NULL CHECK (seed <> ''),
    at_us    INTEGER NOT NULL,
    by_whom  TEXT NOT NULL CHECK (by_whom <> '')
) STRICT;

-- What the schedule did, waits for, or failed at.
CREATE TABLE schedule_step (
    step_id   INTEGER PRIMARY KEY,
    month     TEXT NOT NULL CHECK (length(month) = 7),
    policy    TEXT NOT NULL CHECK (policy <> ''),
    step      TEXT NOT NULL,
    at_us     INTEGER NOT NULL,
    outcome   TEXT NOT NULL CHECK (outcome IN ('done', 'waiting', 'incomplete', 'failed')),
    -- What was done, what is waited for, or the error; in English and in Chinese.
    detail    TEXT NOT NULL,
    detail_zh TEXT NOT NULL
) STRICT;

CREATE INDEX schedule_step_month ON schedule_step (month, policy);

-- Rows that must never change say so themselves.
CREATE TRIGGER review_assignment_no_update BEFORE UPDATE ON review_assignment
BEGIN SELECT RAISE(ABORT, 'assignments are only ever added'); END;
CREATE TRIGGER review_assignment_no_delete BEFORE DELETE ON review_assignment
BEGIN SELECT RAISE(ABORT, 'assignments are only ever added'); END;
CREATE TRIGGER review_event_no_update BEFORE UPDATE ON review_event
BEGIN SELECT RAISE(ABORT, 'review events are only ever added'); END;
CREATE TRIGGER review_event_no_delete BEFORE DELETE ON review_event
BEGIN SELECT RAISE(ABORT, 'review events are only ever added'); END;
CREATE TRIGGER visit_no_update BEFORE UPDATE ON visit
BEGIN SELECT RAISE(ABORT, 'visits are only ever added'); END;
CREATE TRIGGER visit_no_delete BEFORE DELETE ON visit
BEGIN SELECT RAISE(ABORT, 'visits are only ever added'); END;
CREATE TRIGGER notice_no_update BEFORE UPDATE ON notice
BEGIN SELECT RAISE(ABORT, 'notices are only ever added'); END;
CREATE TRIGGER notice_no_delete BEFORE DELETE ON notice
BEGIN SELECT RAISE(ABORT, 'notices are only ever added'); END;
CREATE TRIGGER notice_event_no_update BEFORE UPDATE ON notice_event
BEGIN SELECT RAISE(ABORT, 'notice events are only ever added'); END;
CREATE TRIGGER notice_event_no_delete BEFORE DELETE ON notice_event
BEGIN SELECT RAISE(ABORT, 'notice events are only ever added'); END;
CREATE TRIGGER notice_serial_no_update BEFORE UPDATE ON notice_serial
BEGIN SELECT RAISE(ABORT, 'numbers of notices are only ever added'); END;
CREATE TRIGGER notice_serial_no_delete BEFORE DELETE ON notice_serial
BEGIN SELECT RAISE(ABORT, 'numbers of notices are only ever added'); END;
CREATE TRIGGER kept_return_no_update BEFORE UPDATE ON kept_return
BEGIN SELECT RAISE(ABORT, 'kept returns are only ever added'); END;
CREATE TRIGGER kept_return_no_delete BEFORE DELETE ON kept_return
BEGIN SELECT RAISE(ABORT, 'kept returns are only ever added'); END;
CREATE TRIGGER kept_return_file_no_update BEFORE UPDATE ON kept_return_file
BEGIN SELECT RAISE(ABORT, 'kept returns are only ever added'); END;
CREATE TRIGGER kept_return_file_no_delete BEFORE DELETE ON kept_return_file
BEGIN SELECT RAISE(ABORT, 'kept returns are only ever added'); END;
CREATE TRIGGER announced_seed_no_update BEFORE UPDATE ON announced_seed
BEGIN SELECT RAISE(ABORT, 'an announced seed never changes'); END;
CREATE TRIGGER announced_seed_no_delete BEFORE DELETE ON announced_seed
BEGIN SELECT RAISE(ABORT, 'an announced seed never changes'); END;
CREATE TRIGGER schedule_step_no_update BEFORE UPDATE ON schedule_step
BEGIN SELECT RAISE(ABORT, 'steps of the schedule are only ever added'); END;
CREATE TRIGGER schedule_step_no_delete BEFORE DELETE ON schedule_step
BEGIN SELECT RAISE(ABORT, 'steps of the schedule are only ever added'); END;
