-- The catalog: what should exist (units to excuses), what was read (store to telemetry),
-- the sampling rounds, and the trail of events.
--
-- Conventions. Times of the street end in _at_us: microseconds since 1970-01-01T00:00:00Z. Positions
-- and lengths inside a recording end in _us: microseconds of its own timeline. Booleans are 0 or 1.
-- Enumerations are their written codes, checked here. NULL means "not known" unless a column says
-- otherwise.

-- ── What should exist ───────────────────────────────────────────────────────────────────────

-- Who is audited; a tree.
CREATE TABLE unit (
    code   TEXT NOT NULL PRIMARY KEY CHECK (code <> ''),
    name   TEXT NOT NULL,
    kind   TEXT NOT NULL CHECK (kind IN ('detachment', 'brigade', 'squad', 'office')),
    -- The unit above; NULL at the top. Deferred, so that one import may name a child before its parent.
    parent TEXT REFERENCES unit (code) DEFERRABLE INITIALLY DEFERRED CHECK (parent <> code)
) STRICT;

CREATE TABLE officer (
    badge     TEXT NOT NULL PRIMARY KEY CHECK (badge <> ''),
    name      TEXT NOT NULL,
    unit      TEXT NOT NULL REFERENCES unit (code),
    -- Whether the officer does enforcement on the street.
    frontline INTEGER NOT NULL CHECK (frontline IN (0, 1))
) STRICT;

CREATE TABLE device (
    serial         TEXT NOT NULL PRIMARY KEY CHECK (serial <> ''),
    kind           TEXT NOT NULL CHECK (kind IN ('bodycam', 'drone', 'vehicle', 'dock')),
    unit           TEXT NOT NULL REFERENCES unit (code),
    -- Badge of the officer who wears it; NULL where it is shared.
    holder         TEXT REFERENCES officer (badge),
    -- When its clock was last set or compared.
    synced_at_us   INTEGER,
    -- How wrong the clock may still have been right after that, either way.
    clock_error_us INTEGER CHECK (clock_error_us >= 0)
) STRICT;

-- "case" is a word of SQL's own.
CREATE TABLE enforcement_case (
    case_no      TEXT NOT NULL PRIMARY KEY CHECK (case_no <> ''),
    unit         TEXT NOT NULL REFERENCES unit (code),
    procedure    TEXT NOT NULL CHECK (procedure IN ('ordinary', 'simple', 'inspection', 'complaint')),
    filed_at_us  INTEGER NOT NULL,
    -- NULL while the case is open.
    closed_at_us INTEGER CHECK (closed_at_us >= filed_at_us),
    title        TEXT NOT NULL
) STRICT;

CREATE INDEX enforcement_case_filed ON enforcement_case (filed_at_us);

-- One dated entry of a case's timeline.
CREATE TABLE stage (
    case_no      TEXT NOT NULL REFERENCES enforcement_case (case_no),
    stage_no     INTEGER NOT NULL CHECK (stage_no >= 1),
    kind         TEXT NOT NULL,
    starts_at_us INTEGER NOT NULL,
    ends_at_us   INTEGER NOT NULL CHECK (ends_at_us > starts_at_us),
    place        TEXT NOT NULL,
    PRIMARY KEY (case_no, stage_no)
) STRICT;

CREATE INDEX stage_starts ON stage (starts_at_us);

-- The officers of a stage, in the order in which they were named.
CREATE TABLE stage_officer (
    case_no  TEXT NOT NULL,
    stage_no INTEGER NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    badge    TEXT NOT NULL REFERENCES officer (badge),
    PRIMARY KEY (case_no, stage_no, position),
    UNIQUE (case_no, stage_no, badge),
    FOREIGN KEY (case_no, stage_no) REFERENCES stage (case_no, stage_no)
) STRICT;

-- A recording that a person tied to a stage. The object need not be stored yet.
CREATE TABLE link (
    case_no    TEXT NOT NULL,
    stage_no   INTEGER NOT NULL,
    object_key TEXT NOT NULL CHECK (object_key <> ''),
    PRIMARY KEY (case_no, stage_no, object_key),
    FOREIGN KEY (case_no, stage_no) REFERENCES stage (case_no, stage_no)
) STRICT;

-- Why a stage, or a part of it, was not recorded, as a person wrote it down.
CREATE TABLE excuse (
    case_no        TEXT NOT NULL,
    stage_no       INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    note           TEXT NOT NULL,
    recorded_by    TEXT NOT NULL CHECK (recorded_by <> ''),
    recorded_at_us INTEGER NOT NULL,
    -- NULL: from the stage's start.
    starts_at_us   INTEGER,
    -- NULL: to the stage's end.
    ends_at_us     INTEGER,
    PRIMARY KEY (case_no, stage_no, reason, recorded_at_us),
    FOREIGN KEY (case_no, stage_no) REFERENCES stage (case_no, stage_no),
    CHECK (ends_at_us > starts_at_us)
) STRICT;

-- What devices say they recorded.
CREATE TABLE manifest_entry (
    device       TEXT NOT NULL REFERENCES device (serial),
    file         TEXT NOT NULL CHECK (file <> ''),
    -- NULL where the device does not say.
    badge        TEXT REFERENCES officer (badge),
    starts_at_us INTEGER NOT NULL,
    ends_at_us   INTEGER NOT NULL CHECK (ends_at_us >= starts_at_us),
    size_bytes   INTEGER NOT NULL CHECK (size_bytes >= 0),
    PRIMARY KEY (device, file)
) STRICT;

CREATE TABLE dock (
    code     TEXT NOT NULL PRIMARY KEY CHECK (code <> ''),
    name     TEXT NOT NULL,
    unit     TEXT NOT NULL REFERENCES unit (code),
    -- Degrees, WGS-84.
    lon      REAL NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat      REAL NOT NULL CHECK (lat BETWEEN -90 AND 90),
    -- How far its drones reach.
    radius_m REAL NOT NULL CHECK (radius_m > 0)
) STRICT;

CREATE TABLE area (
    name          TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
    kind          TEXT NOT NULL CHECK (kind IN ('flyable', 'no_fly')),
    -- Polygons as JSON: [[ring, hole, …], …], a ring being [[lon, lat], …], closed, WGS-84.
    polygons_json TEXT NOT NULL
) STRICT;

-- One flight of a drone.
CREATE TABLE sortie (
    sortie         TEXT NOT NULL PRIMARY KEY CHECK (sortie <> ''),
    -- NULL where flown by hand.
    dock           TEXT REFERENCES dock (code),
    device         TEXT NOT NULL REFERENCES device (serial),
    took_off_at_us INTEGER NOT NULL,
    landed_at_us   INTEGER NOT NULL CHECK (landed_at_us > took_off_at_us),
    -- NULL where nothing was recorded.
    object_key     TEXT,
    -- File of its track; NULL where there is none.
    track          TEXT
) STRICT;

-- ── What was read ───────────────────────────────────────────────────────────────────────────

-- A root under which objects are listed.
CREATE TABLE store (
    store_id    INTEGER PRIMARY KEY,
    -- Canonical, without a slash at the end.
    url         TEXT NOT NULL UNIQUE,
    added_at_us INTEGER NOT NULL
) STRICT;

-- One object of a store, and which observation of it is the present one.
CREATE TABLE object (
    object_id  INTEGER PRIMARY KEY,
    store_id   INTEGER NOT NULL REFERENCES store (store_id),
    object_key TEXT NOT NULL CHECK (object_key <> ''),
    -- What the store last said of the object (size, time of change, ETag): if it says the same
    -- again, the object is not read again.
    signature  TEXT NOT NULL,
    -- Number of the present version of the bytes; the first is 1.
    version    INTEGER NOT NULL CHECK (version >= 1),
    -- Number of the present reading of that version; the first is 1, a retry of a quarantined one adds 1.
    reading    INTEGER NOT NULL CHECK (reading >= 1),
    -- When a complete listing no longer had it; NULL while it is there.
    gone_at_us INTEGER,
    UNIQUE (store_id, object_key)
) STRICT;

CREATE INDEX object_key ON object (object_key);

-- What one reading of one version of one object found. Rows are only ever added.
CREATE TABLE observation (
    observation_id    INTEGER PRIMARY KEY,
    object_id         INTEGER NOT NULL REFERENCES object (object_id),
    version           INTEGER NOT NULL CHECK (version >= 1),
    reading           INTEGER NOT NULL CHECK (reading >= 1),
    signature         TEXT NOT NULL,
    observed_at_us    INTEGER NOT NULL,
    size_bytes        INTEGER NOT NULL CHECK (size_bytes >= 0),
    -- Lower-case hexadecimal.
    sha256            TEXT NOT NULL CHECK (length(sha256) = 64),
    -- Lower-case hexadecimal; NULL where SM3 was not asked for.
    sm3               TEXT CHECK (length(sm3) = 64),
    -- mp4, mpegts, matroska, avi …; NULL if not recognised.
    container         TEXT,
    -- What the object's key says.
    device            TEXT,
    badge             TEXT,
    seq               TEXT,
    -- The start that was believed, where it came from and how wrong that source may be.
    started_at_us     INTEGER,
    started_at_source TEXT CHECK (started_at_source IN ('telemetry', 'sidecar', 'file_name', 'container')),
    clock_error_us    INTEGER CHECK (clock_error_us >= 0),
    -- First packet of video and audio, and the length from there to the end of the last.
    origin_us         INTEGER,
    duration_us       INTEGER CHECK (duration_us >= 0),
    -- Whether a problem makes the object unusable.
    quarantined       INTEGER NOT NULL CHECK (quarantined IN (0, 1)),
    UNIQUE (object_id, version, reading),
    CHECK ((started_at_us IS NULL) = (started_at_source IS NULL))
) STRICT;

CREATE INDEX observation_started ON observation (started_at_us);
CREATE INDEX observation_sha256 ON observation (sha256);

-- Each thing that was said about when the recording began.
CREATE TABLE start_claim (
    observation_id INTEGER NOT NULL REFERENCES observation (observation_id),
    source         TEXT NOT NULL CHECK (source IN ('telemetry', 'sidecar', 'file_name', 'container')),
    started_at_us  INTEGER NOT NULL,
    error_us       INTEGER NOT NULL CHECK (error_us >= 0),
    PRIMARY KEY (observation_id, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE stream (
    observation_id INTEGER NOT NULL REFERENCES observation (observation_id),
    -- Number of the stream in its container, from 0.
    stream_index   INTEGER NOT NULL CHECK (stream_index >= 0),
    kind           TEXT NOT NULL CHECK (kind IN ('video', 'audio', 'subtitle', 'data')),
    codec          TEXT NOT NULL,
    packets        INTEGER NOT NULL CHECK (packets >= 0),
    keyframes      INTEGER NOT NULL CHECK (keyframes >= 0),
    size_bytes     INTEGER NOT NULL CHECK (size_bytes >= 0),
    -- Presentation time of the first packet, end of the last; NULL without packets that have a time.
    start_us       INTEGER,
    end_us         INTEGER,
    -- Usual distance between two packets (the median); NULL with fewer than two.
    interval_us    INTEGER,
    PRIMARY KEY (observation_id, stream_index),
    CHECK ((start_us IS NULL) = (end_us IS NULL))
) STRICT, WITHOUT ROWID;

-- Where a stream has no packet, between its first and its last.
CREATE TABLE stream_gap (
    observation_id INTEGER NOT NULL,
    stream_index   INTEGER NOT NULL,
    start_us       INTEGER NOT NULL,
    end_us         INTEGER NOT NULL CHECK (end_us > start_us),
    PRIMARY KEY (observation_id, stream_index, start_us),
    FOREIGN KEY (observation_id, stream_index) REFERENCES stream (observation_id, stream_index)
) STRICT, WITHOUT ROWID;

-- What stood in the way of reading.
CREATE TABLE problem (
    observation_id INTEGER NOT NULL REFERENCES observation (observation_id),
    position       INTEGER NOT NULL CHECK (position >= 0),
    code           TEXT NOT NULL,
    detail         TEXT NOT NULL,
    PRIMARY KEY (observation_id, position)
) STRICT, WITHOUT ROWID;

-- Telemetry that was met.
CREATE TABLE telemetry (
    observation_id INTEGER NOT NULL REFERENCES observation (observation_id),
    position       INTEGER NOT NULL CHECK (position >= 0),
    kind           TEXT NOT NULL,
    samples        INTEGER NOT NULL CHECK (samples >= 0),
    supported      INTEGER NOT NULL CHECK (supported IN (0, 1)),
    PRIMARY KEY (observation_id, position)
) STRICT, WITHOUT ROWID;

-- ── Sampling ────────────────────────────────────────────────────────────────────────────────

-- A frozen round. The documents are the texts that were published.
CREATE TABLE round (
    round_id     TEXT NOT NULL PRIMARY KEY CHECK (round_id <> ''),
    -- Month of the checks, 2024-06.
    month        TEXT NOT NULL CHECK (length(month) = 7),
    policy       TEXT NOT NULL,
    frozen_at_us INTEGER NOT NULL,
    frozen_json  TEXT NOT NULL,
    -- Of the frame's canonical form, lower-case hexadecimal.
    frame_sha256 TEXT NOT NULL CHECK (length(frame_sha256) = 64)
) STRICT;

-- What a seed made of a round.
CREATE TABLE round_draw (
    round_id    TEXT NOT NULL PRIMARY KEY REFERENCES round (round_id),
    seed        TEXT NOT NULL CHECK (seed <> ''),
    drawn_at_us INTEGER NOT NULL,
    draw_json   TEXT NOT NULL
) STRICT;

-- ── The trail ───────────────────────────────────────────────────────────────────────────────

-- Everything that happened to the catalog, in the order in which it was written.
CREATE TABLE event (
    event_id    INTEGER PRIMARY KEY,
    at_us       INTEGER NOT NULL,
    -- observed, altered, gone, returned, imported, frozen, drawn
    kind        TEXT NOT NULL,
    -- What it happened to: an object's key, a file, a round.
    subject     TEXT NOT NULL,
    -- Particulars as a JSON object.
    detail_json TEXT NOT NULL
) STRICT;

-- Rows that must never change say so themselves.
CREATE TRIGGER observation_no_update BEFORE UPDATE ON observation
BEGIN SELECT RAISE(ABORT, 'observations are only ever added'); END;
CREATE TRIGGER observation_no_delete BEFORE DELETE ON observation
BEGIN SELECT RAISE(ABORT, 'observations are only ever added'); END;
CREATE TRIGGER round_no_update BEFORE UPDATE ON round
BEGIN SELECT RAISE(ABORT, 'a frozen round never changes'); END;
CREATE TRIGGER round_no_delete BEFORE DELETE ON round
BEGIN SELECT RAISE(ABORT, 'a frozen round never changes'); END;
CREATE TRIGGER round_draw_no_update BEFORE UPDATE ON round_draw
BEGIN SELECT RAISE(ABORT, 'a draw never changes'); END;
CREATE TRIGGER round_draw_no_delete BEFORE DELETE ON round_draw
BEGIN SELECT RAISE(ABORT, 'a draw never changes'); END;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
