-- Telemetry: the tracks of recordings and of the files beside them.

-- Whether the object is telemetry beside footage (a DJI subtitle file, GPX, NMEA, bare GPMF or KLV)
-- and no footage: it covers nothing and is no recording.
ALTER TABLE observation ADD COLUMN sidecar INTEGER NOT NULL DEFAULT 0 CHECK (sidecar IN (0, 1));

-- Universal key of a KLV set that is not supported; NULL for everything else.
ALTER TABLE telemetry ADD COLUMN set_key TEXT;

-- The thinned track of one telemetry stream or sidecar. Rows are only ever added.
CREATE TABLE track (
    observation_id      INTEGER NOT NULL REFERENCES observation (observation_id),
    position            INTEGER NOT NULL CHECK (position >= 0),
    -- dji_srt, gpmf, misb_st0601, nmea, gpx
    kind                TEXT NOT NULL CHECK (kind <> ''),
    -- Number of the stream in its container; NULL where the object is nothing but the track.
    stream_index        INTEGER CHECK (stream_index >= 0),
    samples_read        INTEGER NOT NULL CHECK (samples_read >= 0),
    -- Subtitles, payloads, packets, epochs or points that have a position.
    units_with_position INTEGER NOT NULL CHECK (units_with_position >= 0),
    -- When media time zero was, by which clock, how wrong that may be, and on how many samples it
    -- rests; all NULL if no sample has both a media time and a clock. A local clock names no zone and
    -- was taken for Shanghai's.
    clock_kind          TEXT CHECK (clock_kind IN ('satellite', 'local')),
    zero_at_us          INTEGER,
    zero_error_us       INTEGER CHECK (zero_error_us >= 0),
    zero_samples        INTEGER CHECK (zero_samples >= 0),
    -- The earliest and the latest satellite time in it.
    first_at_us         INTEGER,
    last_at_us          INTEGER CHECK (last_at_us >= first_at_us),
    -- Join the points by straight lines on their time, and what was measured in between is read back
    -- within these errors. NULL: too many points to keep within any error; only some were kept.
    position_error_m    REAL CHECK (position_error_m >= 0),
    vertical_error_m    REAL CHECK (vertical_error_m >= 0),
    angle_error_deg     REAL CHECK (angle_error_deg >= 0),
    clock_error_us      INTEGER CHECK (clock_error_us >= 0),
    -- The points as a JSON array of objects in the order of the file; a quantity that is not known is
    -- absent. media_us: microseconds of the recording's timeline. at: RFC 3339. local_clock: as shown,
    -- without a zone. lon_deg, lat_deg: WGS-84. altitude_m above altitude_datum (sea_level, ellipsoid,
    -- unstated), height_m above take-off, speed_mps, course_deg from true north. platform_deg and
    -- gimbal_deg: yaw, pitch, roll. field_of_view_deg: horizontal, vertical.
    points_json         TEXT NOT NULL,
    -- What was wrong or left out, as a JSON array of texts.
    notes_json          TEXT NOT NULL,
    PRIMARY KEY (observation_id, position),
    CHECK ((clock_kind IS NULL) = (zero_at_us IS NULL)),
    CHECK ((first_at_us IS NULL) = (last_at_us IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TRIGGER track_no_update BEFORE UPDATE ON track
BEGIN SELECT RAISE(ABORT, 'tracks are only ever added'); END;
CREATE TRIGGER track_no_delete BEFORE DELETE ON track
BEGIN SELECT RAISE(ABORT, 'tracks are only ever added'); END;
