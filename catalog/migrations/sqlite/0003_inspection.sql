-- What footage shows, once it was decoded: one row for each look at one version of an object, with the
-- figures that were used. Rows are only ever added; a look with the same figures at the same version
-- is the same row.

CREATE TABLE inspection (
    inspection_id    INTEGER PRIMARY KEY,
    object_id        INTEGER NOT NULL REFERENCES object (object_id),
    version          INTEGER NOT NULL CHECK (version >= 1),
    inspected_at_us  INTEGER NOT NULL,
    -- The figures, as canonical JSON.
    options_json     TEXT NOT NULL,
    -- Whether picture and sound were looked at.
    video            TEXT NOT NULL CHECK (video IN ('done', 'absent', 'not_decodable')),
    audio            TEXT NOT NULL CHECK (audio IN ('done', 'absent', 'not_decodable')),
    -- First moment of picture and sound, and the length from there; NULL without packets.
    start_us         INTEGER,
    duration_us      INTEGER CHECK (duration_us >= 0),
    frames_decoded   INTEGER NOT NULL CHECK (frames_decoded >= 0),
    -- What stood in the way: [{"code", "detail"}].
    problems_json    TEXT NOT NULL,
    UNIQUE (object_id, version, options_json)
) STRICT;

-- Where something was found, on the recording's own timeline, half-open.
CREATE TABLE inspection_span (
    inspection_id INTEGER NOT NULL REFERENCES inspection (inspection_id),
    kind          TEXT NOT NULL CHECK (kind IN ('black', 'frozen', 'silent', 'undecodable')),
    start_us      INTEGER NOT NULL,
    end_us        INTEGER NOT NULL CHECK (end_us > start_us),
    PRIMARY KEY (inspection_id, kind, start_us)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER inspection_no_update BEFORE UPDATE ON inspection
BEGIN SELECT RAISE(ABORT, 'inspections are only ever added'); END;
CREATE TRIGGER inspection_no_delete BEFORE DELETE ON inspection
BEGIN SELECT RAISE(ABORT, 'inspections are only ever added'); END;
CREATE TRIGGER inspection_span_no_update BEFORE UPDATE ON inspection_span
BEGIN SELECT RAISE(ABORT, 'inspections are only ever added'); END;
CREATE TRIGGER inspection_span_no_delete BEFORE DELETE ON inspection_span
BEGIN SELECT RAISE(ABORT, 'inspections are only ever added'); END;
