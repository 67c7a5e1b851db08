-- The catalog on PostgreSQL: all that the migrations of SQLite come to, in one.
--
-- Conventions. Times of the street end in _at_us: microseconds since 1970-01-01T00:00:00Z. Positions and lengths inside a
-- recording end in _us: microseconds of its own timeline. Columns …_json hold one JSON document whose form is that of the
-- type of the same name in the catalog crate; they are texts, because the bytes that were published or hashed count.
-- Enumerations are their written codes, checked here. NULL means "not known" unless a comment says otherwise.
--
-- Every text is compared and sorted by its bytes (COLLATE "C"), whatever the database was made with: lists go on after a
-- key, and a log says the same on every machine.
--
-- Tables, columns and constraints are those of the other engine, column by column: `reelproof catalog copy` copies rows as
-- they are.

CREATE TABLE unit (
    code   TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (code <> ''),
    name   TEXT COLLATE "C" NOT NULL,
    kind   TEXT COLLATE "C" NOT NULL CHECK (kind IN ('detachment', 'brigade', 'squad', 'office')),
    parent TEXT COLLATE "C" REFERENCES unit (code) DEFERRABLE INITIALLY DEFERRED CHECK (parent <> code)
);
COMMENT ON TABLE unit IS 'Who is audited; a tree.';
COMMENT ON COLUMN unit.parent IS 'The unit above; NULL at the top. Deferred, so that one import may name a child before its parent.';

CREATE TABLE officer (
    badge     TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (badge <> ''),
    name      TEXT COLLATE "C" NOT NULL,
    unit      TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    frontline BOOLEAN NOT NULL
);
COMMENT ON TABLE officer IS 'Who does enforcement, or supervises it.';
COMMENT ON COLUMN officer.frontline IS 'Whether the officer does enforcement on the street.';

CREATE TABLE device (
    serial         TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (serial <> ''),
    kind           TEXT COLLATE "C" NOT NULL CHECK (kind IN ('bodycam', 'drone', 'vehicle', 'dock')),
    unit           TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    holder         TEXT COLLATE "C" REFERENCES officer (badge),
    synced_at_us   BIGINT,
    clock_error_us BIGINT CHECK (clock_error_us >= 0)
);
COMMENT ON TABLE device IS 'What records.';
COMMENT ON COLUMN device.holder IS 'Badge of the officer who wears it; NULL where it is shared.';
COMMENT ON COLUMN device.synced_at_us IS 'When its clock was last set or compared.';
COMMENT ON COLUMN device.clock_error_us IS 'How wrong the clock may still have been right after that, either way.';

CREATE TABLE enforcement_case (
    case_no      TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (case_no <> ''),
    unit         TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    procedure    TEXT COLLATE "C" NOT NULL CHECK (procedure IN ('ordinary', 'simple', 'inspection', 'complaint')),
    filed_at_us  BIGINT NOT NULL,
    closed_at_us BIGINT CHECK (closed_at_us >= filed_at_us),
    title        TEXT COLLATE "C" NOT NULL
);
COMMENT ON TABLE enforcement_case IS 'A case; "case" is a word of SQL''s own.';
COMMENT ON COLUMN enforcement_case.closed_at_us IS 'NULL while the case is open.';

CREATE TABLE stage (
    case_no      TEXT COLLATE "C" NOT NULL REFERENCES enforcement_case (case_no),
    stage_no     BIGINT NOT NULL CHECK (stage_no >= 1),
    kind         TEXT COLLATE "C" NOT NULL,
    starts_at_us BIGINT NOT NULL,
    ends_at_us   BIGINT NOT NULL CHECK (ends_at_us > starts_at_us),
    place        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_no, stage_no)
);
COMMENT ON TABLE stage IS 'One dated entry of a case''s timeline.';

CREATE TABLE stage_officer (
    case_no  TEXT COLLATE "C" NOT NULL,
    stage_no BIGINT NOT NULL,
    position BIGINT NOT NULL CHECK (position >= 0),
    badge    TEXT COLLATE "C" NOT NULL REFERENCES officer (badge),
    PRIMARY KEY (case_no, stage_no, position),
    UNIQUE (case_no, stage_no, badge),
    FOREIGN KEY (case_no, stage_no) REFERENCES stage (case_no, stage_no)
);
COMMENT ON TABLE stage_officer IS 'The officers of a stage, in the order in which they were named.';

CREATE TABLE link (
    case_no    TEXT COLLATE "C" NOT NULL,
    stage_no   BIGINT NOT NULL,
    object_key TEXT COLLATE "C" NOT NULL CHECK (object_key <> ''),
    PRIMARY KEY (case_no, stage_no, object_key),
    FOREIGN KEY (case_no, stage_no) REFERENCES stage (case_no, stage_no)
);
COMMENT ON TABLE link IS 'A recording that a person tied to a stage. The object need not be stored yet.';

CREATE TABLE excuse (
    case_no        TEXT COLLATE "C" NOT NULL,
    stage_no       BIGINT NOT NULL,
    reason         TEXT COLLATE "C" NOT NULL,
    note           TEXT COLLATE "C" NOT NULL,
    recorded_by    TEXT COLLATE "C" NOT NULL CHECK (recorded_by <> ''),
    recorded_at_us BIGINT NOT NULL,
    starts_at_us   BIGINT,
    ends_at_us     BIGINT,
    PRIMARY KEY (case_no, stage_no, reason, recorded_at_us),
    FOREIGN KEY (case_no, stage_no) REFERENCES stage (case_no, stage_no),
    CHECK (ends_at_us > starts_at_us)
);
COMMENT ON TABLE excuse IS 'Why a stage, or a part of it, was not recorded, as a person wrote it down.';
COMMENT ON COLUMN excuse.starts_at_us IS 'NULL: from the stage''s start.';
COMMENT ON COLUMN excuse.ends_at_us IS 'NULL: to the stage''s end.';

CREATE TABLE manifest_entry (
    device       TEXT COLLATE "C" NOT NULL REFERENCES device (serial),
    file         TEXT COLLATE "C" NOT NULL CHECK (file <> ''),
    badge        TEXT COLLATE "C" REFERENCES officer (badge),
    starts_at_us BIGINT NOT NULL,
    ends_at_us   BIGINT NOT NULL CHECK (ends_at_us >= starts_at_us),
    size_bytes   BIGINT NOT NULL CHECK (size_bytes >= 0),
    PRIMARY KEY (device, file)
);
COMMENT ON TABLE manifest_entry IS 'What devices say they recorded.';
COMMENT ON COLUMN manifest_entry.badge IS 'NULL where the device does not say.';

CREATE TABLE dock (
    code     TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (code <> ''),
    name     TEXT COLLATE "C" NOT NULL,
    unit     TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    lon      DOUBLE PRECISION NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat      DOUBLE PRECISION NOT NULL CHECK (lat BETWEEN -90 AND 90),
    radius_m DOUBLE PRECISION NOT NULL CHECK (radius_m > 0)
);
COMMENT ON TABLE dock IS 'Where drones live.';
COMMENT ON COLUMN dock.lon IS 'Degrees, WGS-84.';
COMMENT ON COLUMN dock.radius_m IS 'How far its drones reach.';

CREATE TABLE area (
    name          TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (name <> ''),
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('flyable', 'no_fly')),
    polygons_json TEXT COLLATE "C" NOT NULL,
    sub_district  TEXT COLLATE "C" CHECK (sub_district <> '')
);
COMMENT ON TABLE area IS 'Where drones may fly, and where not.';
COMMENT ON COLUMN area.polygons_json IS 'Polygons as JSON: [[ring, hole, …], …], a ring being [[lon, lat], …], closed, WGS-84.';
COMMENT ON COLUMN area.sub_district IS 'Sub-district (街镇) that the area belongs to; NULL where nobody said.';

CREATE TABLE sortie (
    sortie         TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (sortie <> ''),
    dock           TEXT COLLATE "C" REFERENCES dock (code),
    device         TEXT COLLATE "C" NOT NULL REFERENCES device (serial),
    took_off_at_us BIGINT NOT NULL,
    landed_at_us   BIGINT NOT NULL CHECK (landed_at_us > took_off_at_us),
    object_key     TEXT COLLATE "C",
    track          TEXT COLLATE "C",
    status         TEXT COLLATE "C" NOT NULL DEFAULT 'flown' CHECK (status IN ('flown', 'planned', 'cancelled')),
    note           TEXT COLLATE "C" CHECK (note <> '')
);
COMMENT ON TABLE sortie IS 'One flight of a drone.';
COMMENT ON COLUMN sortie.dock IS 'NULL where flown by hand.';
COMMENT ON COLUMN sortie.object_key IS 'NULL where nothing was recorded.';
COMMENT ON COLUMN sortie.track IS 'File of its track; NULL where there is none.';
COMMENT ON COLUMN sortie.status IS 'flown; planned: it is to be flown, took_off_at_us and landed_at_us are the planned times; cancelled: the same, and it will not be flown.';
COMMENT ON COLUMN sortie.note IS 'What a person wrote beside it, such as why it was cancelled; NULL where nothing is.';

CREATE TABLE store (
    store_id    BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    url         TEXT COLLATE "C" NOT NULL UNIQUE,
    added_at_us BIGINT NOT NULL
);
COMMENT ON TABLE store IS 'A root under which objects are listed.';
COMMENT ON COLUMN store.url IS 'Canonical, without a slash at the end.';

CREATE TABLE object (
    object_id  BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    store_id   BIGINT NOT NULL REFERENCES store (store_id),
    object_key TEXT COLLATE "C" NOT NULL CHECK (object_key <> ''),
    signature  TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL CHECK (version >= 1),
    reading    BIGINT NOT NULL CHECK (reading >= 1),
    gone_at_us BIGINT,
    UNIQUE (store_id, object_key)
);
COMMENT ON TABLE object IS 'One object of a store, and which observation of it is the present one.';
COMMENT ON COLUMN object.signature IS 'What the store last said of the object (size, time of change, ETag): if it says the same again, the object is not read again.';
COMMENT ON COLUMN object.version IS 'Number of the present version of the bytes; the first is 1.';
COMMENT ON COLUMN object.reading IS 'Number of the present reading of that version; the first is 1, a retry of a quarantined one adds 1.';
COMMENT ON COLUMN object.gone_at_us IS 'When a complete listing no longer had it; NULL while it is there.';

CREATE TABLE observation (
    observation_id    BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    object_id         BIGINT NOT NULL REFERENCES object (object_id),
    version           BIGINT NOT NULL CHECK (version >= 1),
    reading           BIGINT NOT NULL CHECK (reading >= 1),
    signature         TEXT COLLATE "C" NOT NULL,
    observed_at_us    BIGINT NOT NULL,
    size_bytes        BIGINT NOT NULL CHECK (size_bytes >= 0),
    sha256            TEXT COLLATE "C" NOT NULL CHECK (length(sha256) = 64),
    sm3               TEXT COLLATE "C" CHECK (length(sm3) = 64),
    container         TEXT COLLATE "C",
    device            TEXT COLLATE "C",
    badge             TEXT COLLATE "C",
    seq               TEXT COLLATE "C",
    started_at_us     BIGINT,
    started_at_source TEXT COLLATE "C" CHECK (started_at_source IN ('telemetry', 'sidecar', 'file_name', 'container')),
    clock_error_us    BIGINT CHECK (clock_error_us >= 0),
    origin_us         BIGINT,
    duration_us       BIGINT CHECK (duration_us >= 0),
    quarantined       BOOLEAN NOT NULL,
    sidecar           BOOLEAN NOT NULL DEFAULT FALSE,
    written_at_us     BIGINT,
    UNIQUE (object_id, version, reading),
    CHECK ((started_at_us IS NULL) = (started_at_source IS NULL))
);
COMMENT ON TABLE observation IS 'What one reading of one version of one object found. Rows are only ever added.';
COMMENT ON COLUMN observation.sha256 IS 'Lower-case hexadecimal.';
COMMENT ON COLUMN observation.sm3 IS 'Lower-case hexadecimal; NULL where SM3 was not asked for.';
COMMENT ON COLUMN observation.container IS 'mp4, mpegts, matroska, avi …; NULL if not recognised.';
COMMENT ON COLUMN observation.device IS 'What the object''s key says.';
COMMENT ON COLUMN observation.started_at_us IS 'The start that was believed, where it came from and how wrong that source may be.';
COMMENT ON COLUMN observation.origin_us IS 'First packet of video and audio, and the length from there to the end of the last.';
COMMENT ON COLUMN observation.quarantined IS 'Whether a problem makes the object unusable.';
COMMENT ON COLUMN observation.sidecar IS 'Whether the object is telemetry beside footage (a DJI subtitle file, GPX, NMEA, bare GPMF or KLV) and no footage: it covers nothing and is no recording.';
COMMENT ON COLUMN observation.written_at_us IS 'When the store says that the object was written; NULL where it does not, and for folders, whose times anybody can set.';

CREATE TABLE start_claim (
    observation_id BIGINT NOT NULL REFERENCES observation (observation_id),
    source         TEXT COLLATE "C" NOT NULL CHECK (source IN ('telemetry', 'sidecar', 'file_name', 'container')),
    started_at_us  BIGINT NOT NULL,
    error_us       BIGINT NOT NULL CHECK (error_us >= 0),
    PRIMARY KEY (observation_id, source)
);
COMMENT ON TABLE start_claim IS 'Each thing that was said about when the recording began.';

CREATE TABLE stream (
    observation_id BIGINT NOT NULL REFERENCES observation (observation_id),
    stream_index   BIGINT NOT NULL CHECK (stream_index >= 0),
    kind           TEXT COLLATE "C" NOT NULL CHECK (kind IN ('video', 'audio', 'subtitle', 'data')),
    codec          TEXT COLLATE "C" NOT NULL,
    packets        BIGINT NOT NULL CHECK (packets >= 0),
    keyframes      BIGINT NOT NULL CHECK (keyframes >= 0),
    size_bytes     BIGINT NOT NULL CHECK (size_bytes >= 0),
    start_us       BIGINT,
    end_us         BIGINT,
    interval_us    BIGINT,
    PRIMARY KEY (observation_id, stream_index),
    CHECK ((start_us IS NULL) = (end_us IS NULL))
);
COMMENT ON TABLE stream IS 'The streams of a recording.';
COMMENT ON COLUMN stream.stream_index IS 'Number of the stream in its container, from 0.';
COMMENT ON COLUMN stream.start_us IS 'Presentation time of the first packet, end of the last; NULL without packets that have a time.';
COMMENT ON COLUMN stream.interval_us IS 'Usual distance between two packets (the median); NULL with fewer than two.';

CREATE TABLE stream_gap (
    observation_id BIGINT NOT NULL,
    stream_index   BIGINT NOT NULL,
    start_us       BIGINT NOT NULL,
    end_us         BIGINT NOT NULL CHECK (end_us > start_us),
    PRIMARY KEY (observation_id, stream_index, start_us),
    FOREIGN KEY (observation_id, stream_index) REFERENCES stream (observation_id, stream_index)
);
COMMENT ON TABLE stream_gap IS 'Where a stream has no packet, between its first and its last.';

CREATE TABLE problem (
    observation_id BIGINT NOT NULL REFERENCES observation (observation_id),
    position       BIGINT NOT NULL CHECK (position >= 0),
    code           TEXT COLLATE "C" NOT NULL,
    detail         TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (observation_id, position)
);
COMMENT ON TABLE problem IS 'What stood in the way of reading.';

CREATE TABLE telemetry (
    observation_id BIGINT NOT NULL REFERENCES observation (observation_id),
    position       BIGINT NOT NULL CHECK (position >= 0),
    kind           TEXT COLLATE "C" NOT NULL,
    samples        BIGINT NOT NULL CHECK (samples >= 0),
    supported      BOOLEAN NOT NULL,
    set_key        TEXT COLLATE "C",
    PRIMARY KEY (observation_id, position)
);
COMMENT ON TABLE telemetry IS 'Telemetry that was met.';
COMMENT ON COLUMN telemetry.set_key IS 'Universal key of a KLV set that is not supported; NULL for everything else.';

CREATE TABLE round (
    round_id     TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (round_id <> ''),
    month        TEXT COLLATE "C" NOT NULL CHECK (length(month) = 7),
    policy       TEXT COLLATE "C" NOT NULL,
    frozen_at_us BIGINT NOT NULL,
    frozen_json  TEXT COLLATE "C" NOT NULL,
    frame_sha256 TEXT COLLATE "C" NOT NULL CHECK (length(frame_sha256) = 64)
);
COMMENT ON TABLE round IS 'A frozen round. The documents are the texts that were published.';
COMMENT ON COLUMN round.month IS 'Month of the checks, 2024-06.';
COMMENT ON COLUMN round.frame_sha256 IS 'Of the frame''s canonical form, lower-case hexadecimal.';

CREATE TABLE round_draw (
    round_id    TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES round (round_id),
    seed        TEXT COLLATE "C" NOT NULL CHECK (seed <> ''),
    drawn_at_us BIGINT NOT NULL,
    draw_json   TEXT COLLATE "C" NOT NULL
);
COMMENT ON TABLE round_draw IS 'What a seed made of a round.';

CREATE TABLE event (
    event_id    BIGINT PRIMARY KEY,
    at_us       BIGINT NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    subject     TEXT COLLATE "C" NOT NULL,
    detail_json TEXT COLLATE "C" NOT NULL
);
COMMENT ON TABLE event IS 'Everything that happened to the catalog, in the order in which it was written.';
COMMENT ON COLUMN event.event_id IS 'From 1 without gaps, in the order in which transactions commit.';
COMMENT ON COLUMN event.kind IS 'observed, altered, gone, returned, imported, frozen, drawn, …';
COMMENT ON COLUMN event.subject IS 'What it happened to: an object''s key, a file, a round.';
COMMENT ON COLUMN event.detail_json IS 'Particulars as a JSON object.';

CREATE TABLE track (
    observation_id      BIGINT NOT NULL REFERENCES observation (observation_id),
    position            BIGINT NOT NULL CHECK (position >= 0),
    kind                TEXT COLLATE "C" NOT NULL CHECK (kind <> ''),
    stream_index        BIGINT CHECK (stream_index >= 0),
    samples_read        BIGINT NOT NULL CHECK (samples_read >= 0),
    units_with_position BIGINT NOT NULL CHECK (units_with_position >= 0),
    clock_kind          TEXT COLLATE "C" CHECK (clock_kind IN ('satellite', 'local')),
    zero_at_us          BIGINT,
    zero_error_us       BIGINT CHECK (zero_error_us >= 0),
    zero_samples        BIGINT CHECK (zero_samples >= 0),
    first_at_us         BIGINT,
    last_at_us          BIGINT CHECK (last_at_us >= first_at_us),
    position_error_m    DOUBLE PRECISION CHECK (position_error_m >= 0),
    vertical_error_m    DOUBLE PRECISION CHECK (vertical_error_m >= 0),
    angle_error_deg     DOUBLE PRECISION CHECK (angle_error_deg >= 0),
    clock_error_us      BIGINT CHECK (clock_error_us >= 0),
    points_json         TEXT COLLATE "C" NOT NULL,
    notes_json          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (observation_id, position),
    CHECK ((clock_kind IS NULL) = (zero_at_us IS NULL)),
    CHECK ((first_at_us IS NULL) = (last_at_us IS NULL))
);
COMMENT ON TABLE track IS 'The thinned track of one telemetry stream or sidecar. Rows are only ever added.';
COMMENT ON COLUMN track.kind IS 'dji_srt, gpmf, misb_st0601, nmea, gpx';
COMMENT ON COLUMN track.stream_index IS 'Number of the stream in its container; NULL where the object is nothing but the track.';
COMMENT ON COLUMN track.units_with_position IS 'Subtitles, payloads, packets, epochs or points that have a position.';
COMMENT ON COLUMN track.clock_kind IS 'When media time zero was, by which clock, how wrong that may be, and on how many samples it rests; all NULL if no sample has both a media time and a clock. A local clock names no zone and was taken for Shanghai''s.';
COMMENT ON COLUMN track.first_at_us IS 'The earliest and the latest satellite time in it.';
COMMENT ON COLUMN track.position_error_m IS 'Join the points by straight lines on their time, and what was measured in between is read back within these errors. NULL: too many points to keep within any error; only some were kept.';
COMMENT ON COLUMN track.points_json IS 'The points as a JSON array of objects in the order of the file; a quantity that is not known is absent. media_us: microseconds of the recording''s timeline. at: RFC 3339. local_clock: as shown, without a zone. lon_deg, lat_deg: WGS-84. altitude_m above altitude_datum (sea_level, ellipsoid, unstated), height_m above take-off, speed_mps, course_deg from true north. platform_deg and gimbal_deg: yaw, pitch, roll. field_of_view_deg: horizontal, vertical.';
COMMENT ON COLUMN track.notes_json IS 'What was wrong or left out, as a JSON array of texts.';

CREATE TABLE inspection (
    inspection_id   BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    object_id       BIGINT NOT NULL REFERENCES object (object_id),
    version         BIGINT NOT NULL CHECK (version >= 1),
    inspected_at_us BIGINT NOT NULL,
    options_json    TEXT COLLATE "C" NOT NULL,
    video           TEXT COLLATE "C" NOT NULL CHECK (video IN ('done', 'absent', 'not_decodable')),
    audio           TEXT COLLATE "C" NOT NULL CHECK (audio IN ('done', 'absent', 'not_decodable')),
    start_us        BIGINT,
    duration_us     BIGINT CHECK (duration_us >= 0),
    frames_decoded  BIGINT NOT NULL CHECK (frames_decoded >= 0),
    problems_json   TEXT COLLATE "C" NOT NULL,
    UNIQUE (object_id, version, options_json)
);
COMMENT ON TABLE inspection IS 'What footage shows, once it was decoded: one row for each look at one version of an object, with the figures that were used. Rows are only ever added; a look with the same figures at the same version is the same row.';
COMMENT ON COLUMN inspection.options_json IS 'The figures, as canonical JSON.';
COMMENT ON COLUMN inspection.video IS 'Whether picture and sound were looked at.';
COMMENT ON COLUMN inspection.start_us IS 'First moment of picture and sound, and the length from there; NULL without packets.';
COMMENT ON COLUMN inspection.problems_json IS 'What stood in the way: [{"code", "detail"}].';

CREATE TABLE inspection_span (
    inspection_id BIGINT NOT NULL REFERENCES inspection (inspection_id),
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('black', 'frozen', 'silent', 'undecodable')),
    start_us      BIGINT NOT NULL,
    end_us        BIGINT NOT NULL CHECK (end_us > start_us),
    PRIMARY KEY (inspection_id, kind, start_us)
);
COMMENT ON TABLE inspection_span IS 'Where something was found, on the recording''s own timeline, half-open.';

CREATE TABLE chunk_list (
    object_id   BIGINT NOT NULL REFERENCES object (object_id),
    version     BIGINT NOT NULL CHECK (version >= 1),
    chunk_bytes BIGINT NOT NULL CHECK (chunk_bytes > 0 AND chunk_bytes % 64 = 0),
    states      BYTEA NOT NULL CHECK (length(states) % 32 = 0),
    PRIMARY KEY (object_id, version)
);
COMMENT ON TABLE chunk_list IS 'One row a version whose bytes were digested.';
COMMENT ON COLUMN chunk_list.chunk_bytes IS 'Bytes in a chunk; the last one may be shorter.';
COMMENT ON COLUMN chunk_list.states IS 'SHA-256''s running state after each chunk, 32 bytes each; after a last, shorter chunk the digest. Empty for an object without bytes.';

CREATE TABLE altered_range (
    object_id  BIGINT NOT NULL REFERENCES object (object_id),
    version    BIGINT NOT NULL CHECK (version >= 2),
    start_byte BIGINT NOT NULL CHECK (start_byte >= 0),
    end_byte   BIGINT NOT NULL CHECK (end_byte > start_byte),
    start_us   BIGINT,
    end_us     BIGINT CHECK (end_us >= start_us),
    PRIMARY KEY (object_id, version, start_byte),
    CHECK ((start_us IS NULL) = (end_us IS NULL))
);
COMMENT ON TABLE altered_range IS 'Bytes of a version that are not those of the version before it, in whole chunks. No row where there was no list to compare with, or only bytes at the end were taken away.';
COMMENT ON COLUMN altered_range.start_byte IS 'First byte inside, and first byte after, in the bytes of this version.';
COMMENT ON COLUMN altered_range.start_us IS 'When the footage in these bytes is shown, on this version''s own timeline, half-open; NULL where no packet of footage lies in them, or the version could not be read.';

CREATE TABLE inspection_trace (
    inspection_id  BIGINT PRIMARY KEY REFERENCES inspection (inspection_id),
    format         BIGINT NOT NULL CHECK (format >= 1),
    sound_start_us BIGINT,
    sound_levels   BYTEA,
    pictures       BYTEA NOT NULL CHECK (length(pictures) % 16 = 0),
    CHECK ((sound_start_us IS NULL) = (sound_levels IS NULL))
);
COMMENT ON TABLE inspection_trace IS 'What is kept of footage so that it can be recognised: how loud it was, and fingerprints of pictures. At most one row for each inspection; docs/schema.md describes the formats.';
COMMENT ON COLUMN inspection_trace.format IS 'Of both blobs; 1 is the only one so far.';
COMMENT ON COLUMN inspection_trace.sound_start_us IS 'Start of the first step of the sound''s envelope on the media timeline, a multiple of 40 000; NULL where no sound was decoded.';
COMMENT ON COLUMN inspection_trace.sound_levels IS 'One byte a step of 40 ms: 255 is full scale, each step down 0.375 dB; NULL as above.';
COMMENT ON COLUMN inspection_trace.pictures IS '16 bytes a picture, by time: microseconds on the media timeline (signed), 64 bits; little-endian.';

CREATE TABLE listing (
    listing_id     BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    store_id       BIGINT NOT NULL REFERENCES store (store_id),
    prefix         TEXT COLLATE "C" NOT NULL CHECK (prefix = '' OR prefix LIKE '%/'),
    listed_at_us   BIGINT NOT NULL,
    recorded_at_us BIGINT NOT NULL CHECK (recorded_at_us >= listed_at_us),
    objects        BIGINT NOT NULL CHECK (objects >= 0)
);
COMMENT ON TABLE listing IS 'One complete listing of a store, or of a part of it. It is written once every object in it had been recorded, so an object that was first read later was not there at listed_at_us. Rows are only ever added.';
COMMENT ON COLUMN listing.prefix IS 'Keys below this prefix were listed, with a slash at its end; empty: all of the store.';
COMMENT ON COLUMN listing.listed_at_us IS 'Just before the store was asked.';
COMMENT ON COLUMN listing.recorded_at_us IS 'Once all of it had been recorded.';
COMMENT ON COLUMN listing.objects IS 'How many objects there were.';

CREATE TABLE excuse_withdrawal (
    case_no         TEXT COLLATE "C" NOT NULL,
    stage_no        BIGINT NOT NULL,
    reason          TEXT COLLATE "C" NOT NULL,
    recorded_at_us  BIGINT NOT NULL,
    withdrawn_by    TEXT COLLATE "C" NOT NULL CHECK (withdrawn_by <> ''),
    withdrawn_at_us BIGINT NOT NULL,
    note            TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_no, stage_no, reason, recorded_at_us),
    FOREIGN KEY (case_no, stage_no, reason, recorded_at_us) REFERENCES excuse (case_no, stage_no, reason, recorded_at_us)
);
COMMENT ON TABLE excuse_withdrawal IS 'That a person took an excuse back. The excuse stays. Rows are only ever added.';
COMMENT ON COLUMN excuse_withdrawal.note IS 'Why, in the person''s words; may be empty.';

CREATE TABLE round_act (
    round_act_id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    round_id     TEXT COLLATE "C" NOT NULL REFERENCES round_draw (round_id),
    kind         TEXT COLLATE "C" NOT NULL CHECK (kind IN ('redraw', 'skip', 'substitute', 'extra')),
    at_us        BIGINT NOT NULL,
    who          TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    why          TEXT COLLATE "C" NOT NULL CHECK (why <> ''),
    item         TEXT COLLATE "C" NOT NULL,
    taken_json   TEXT COLLATE "C" NOT NULL,
    seed         TEXT COLLATE "C" CHECK (seed <> ''),
    draw_json    TEXT COLLATE "C",
    CHECK ((kind = 'redraw') = (seed IS NOT NULL)),
    CHECK ((kind = 'redraw') = (draw_json IS NOT NULL))
);
COMMENT ON TABLE round_act IS 'One act on a drawn round: a redraw, a skip, a substitution, extra ones. Only ever added: the draw itself never changes, and who decided what, and why, stays.';
COMMENT ON COLUMN round_act.item IS 'The item that is skipped or substituted, the unit of extra ones; empty of a redraw.';
COMMENT ON COLUMN round_act.taken_json IS 'The items that are looked at because of it, as a JSON list of names.';
COMMENT ON COLUMN round_act.seed IS 'Of a redraw: the seed and the draw it made; NULL of other acts.';

CREATE TABLE complaint (
    case_no TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES enforcement_case (case_no),
    repeats BIGINT NOT NULL CHECK (repeats >= 1)
);
COMMENT ON TABLE complaint IS 'How often a complaint or petition was made, 1 where there is no row. Imported, and corrected by import.';

CREATE TABLE review_assignment (
    round_id       TEXT COLLATE "C" NOT NULL REFERENCES round (round_id),
    item           TEXT COLLATE "C" NOT NULL CHECK (item <> ''),
    seat           BIGINT NOT NULL CHECK (seat >= 1),
    revision       BIGINT NOT NULL CHECK (revision >= 1),
    unit           TEXT COLLATE "C" NOT NULL,
    badge          TEXT COLLATE "C" NOT NULL REFERENCES officer (badge),
    blind          BOOLEAN NOT NULL,
    assigned_at_us BIGINT NOT NULL,
    due_at_us      BIGINT NOT NULL,
    assigned_by    TEXT COLLATE "C" NOT NULL CHECK (assigned_by <> ''),
    reason         TEXT COLLATE "C",
    PRIMARY KEY (round_id, item, seat, revision),
    CHECK ((revision = 1) = (reason IS NULL))
);
COMMENT ON TABLE review_assignment IS 'Who looks at what. A seat that is assigned anew gets the next revision; the earlier one stays.';
COMMENT ON COLUMN review_assignment.item IS 'CASE/STAGE, as frozen; the stage itself may have been corrected since.';
COMMENT ON COLUMN review_assignment.seat IS 'Place among the item''s supervisors, from 1; the first leads.';
COMMENT ON COLUMN review_assignment.unit IS 'Code of the unit that answers for the item, as frozen.';
COMMENT ON COLUMN review_assignment.badge IS 'The supervisor.';
COMMENT ON COLUMN review_assignment.blind IS 'Whether the item''s supervisors judge without seeing each other''s verdict.';
COMMENT ON COLUMN review_assignment.assigned_by IS 'A badge, or the name of the schedule.';
COMMENT ON COLUMN review_assignment.reason IS 'Why it was assigned anew; NULL for the first assignment of a seat.';

CREATE TABLE review_event (
    round_id TEXT COLLATE "C" NOT NULL REFERENCES round (round_id),
    item     TEXT COLLATE "C" NOT NULL CHECK (item <> ''),
    number   BIGINT NOT NULL CHECK (number >= 1),
    at_us    BIGINT NOT NULL,
    by_badge TEXT COLLATE "C" NOT NULL REFERENCES officer (badge),
    act      TEXT COLLATE "C" NOT NULL CHECK (act IN ('verdict', 'explanation', 'appeal', 'decision')),
    act_json TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (round_id, item, number)
);
COMMENT ON TABLE review_event IS 'What was said of an item: verdicts, statements of the squad, decisions.';
COMMENT ON COLUMN review_event.number IS 'From 1, without gaps within an item.';
COMMENT ON COLUMN review_event.by_badge IS 'Badge of who did it.';
COMMENT ON COLUMN review_event.act_json IS 'ReviewAct.';

CREATE TABLE visit (
    visit_id         BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    unit             TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    starts_at_us     BIGINT NOT NULL,
    ends_at_us       BIGINT NOT NULL CHECK (ends_at_us >= starts_at_us),
    on_site          BOOLEAN NOT NULL,
    supervisors_json TEXT COLLATE "C" NOT NULL,
    note             TEXT COLLATE "C" NOT NULL,
    found_json       TEXT COLLATE "C" NOT NULL,
    recorded_at_us   BIGINT NOT NULL,
    recorded_by      TEXT COLLATE "C" NOT NULL REFERENCES officer (badge)
);
COMMENT ON TABLE visit IS 'A visit of supervisors to a unit; kept whether or not it found something.';
COMMENT ON COLUMN visit.on_site IS 'Whether the supervisors were there in person.';
COMMENT ON COLUMN visit.supervisors_json IS 'Badges, as a JSON list.';
COMMENT ON COLUMN visit.found_json IS 'What was found wrong, as a JSON list of texts; [] where nothing was.';

CREATE TABLE notice (
    notice_id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind      TEXT COLLATE "C" NOT NULL CHECK (kind IN ('reminder', 'inform', 'supervise', 'proposal', 'decision')),
    month     TEXT COLLATE "C" NOT NULL CHECK (length(month) = 7),
    unit      TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    cause     TEXT COLLATE "C" NOT NULL UNIQUE CHECK (cause <> ''),
    body_json TEXT COLLATE "C" NOT NULL
);
COMMENT ON TABLE notice IS 'What a notice says. What happens to it stands in notice_event.';
COMMENT ON COLUMN notice.month IS 'Month whose round it comes from, 2024-06.';
COMMENT ON COLUMN notice.unit IS 'The unit that receives it.';
COMMENT ON COLUMN notice.cause IS 'What it comes from: one cause gives one notice.';
COMMENT ON COLUMN notice.body_json IS 'NoticeBody.';

CREATE TABLE notice_event (
    notice_id BIGINT NOT NULL REFERENCES notice (notice_id),
    number    BIGINT NOT NULL CHECK (number >= 1),
    at_us     BIGINT NOT NULL,
    by_whom   TEXT COLLATE "C" NOT NULL CHECK (by_whom <> ''),
    act       TEXT COLLATE "C" NOT NULL CHECK (act IN ('drafted', 'issued', 'replied', 'closed', 'escalated', 'withdrawn')),
    act_json  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (notice_id, number)
);
COMMENT ON COLUMN notice_event.number IS 'From 1, without gaps within a notice.';
COMMENT ON COLUMN notice_event.by_whom IS 'A badge, or the name of the schedule.';
COMMENT ON COLUMN notice_event.act_json IS 'NoticeAct.';

CREATE TABLE notice_serial (
    district  TEXT COLLATE "C" NOT NULL CHECK (district <> ''),
    year      BIGINT NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    serial    BIGINT NOT NULL CHECK (serial >= 1),
    notice_id BIGINT NOT NULL UNIQUE REFERENCES notice (notice_id),
    PRIMARY KEY (district, year, kind, serial)
);
COMMENT ON TABLE notice_serial IS 'The numbers given so far: from 1 without gaps within district, year and kind, none ever given twice.';

CREATE TABLE kept_return (
    month          TEXT COLLATE "C" NOT NULL CHECK (length(month) = 7),
    policy         TEXT COLLATE "C" NOT NULL CHECK (policy <> ''),
    state          TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'sent')),
    version        BIGINT NOT NULL CHECK (version >= 1),
    at_us          BIGINT NOT NULL,
    by_whom        TEXT COLLATE "C" NOT NULL CHECK (by_whom <> ''),
    figures_sha256 TEXT COLLATE "C" NOT NULL CHECK (length(figures_sha256) = 64),
    sentence       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (month, policy, state, version)
);
COMMENT ON TABLE kept_return IS 'A return as it was drafted or sent. Other figures are the next version.';
COMMENT ON COLUMN kept_return.version IS 'From 1, without gaps within a state.';
COMMENT ON COLUMN kept_return.figures_sha256 IS 'Of the figures, lower-case hexadecimal: the same figures are the same version.';

CREATE TABLE kept_return_file (
    month   TEXT COLLATE "C" NOT NULL,
    policy  TEXT COLLATE "C" NOT NULL,
    state   TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    format  TEXT COLLATE "C" NOT NULL CHECK (format <> ''),
    sha256  TEXT COLLATE "C" NOT NULL CHECK (length(sha256) = 64),
    bytes   BYTEA NOT NULL,
    PRIMARY KEY (month, policy, state, version, format),
    FOREIGN KEY (month, policy, state, version) REFERENCES kept_return (month, policy, state, version)
);
COMMENT ON TABLE kept_return_file IS 'Its files, byte for byte.';
COMMENT ON COLUMN kept_return_file.format IS 'The ending of its name: json, xlsx, docx, csv.';

CREATE TABLE announced_seed (
    round_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES round (round_id),
    seed     TEXT COLLATE "C" NOT NULL CHECK (seed <> ''),
    at_us    BIGINT NOT NULL,
    by_whom  TEXT COLLATE "C" NOT NULL CHECK (by_whom <> '')
);
COMMENT ON TABLE announced_seed IS 'The seed of a round as it was announced, for the schedule to draw with; one a round.';

CREATE TABLE schedule_step (
    step_id   BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    month     TEXT COLLATE "C" NOT NULL CHECK (length(month) = 7),
    policy    TEXT COLLATE "C" NOT NULL CHECK (policy <> ''),
    step      TEXT COLLATE "C" NOT NULL,
    at_us     BIGINT NOT NULL,
    outcome   TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('done', 'waiting', 'incomplete', 'failed')),
    detail    TEXT COLLATE "C" NOT NULL,
    detail_zh TEXT COLLATE "C" NOT NULL,
    round     TEXT COLLATE "C" CHECK (round <> '')
);
COMMENT ON TABLE schedule_step IS 'What the schedule did, waits for, or failed at.';
COMMENT ON COLUMN schedule_step.detail IS 'What was done, what is waited for, or the error; in English and in Chinese.';
COMMENT ON COLUMN schedule_step.round IS 'Name of the round that the step was about, whether or not it was frozen then; NULL: the whole month (reminders, notices that went unanswered, the return), and every step that was recorded before this column.';

CREATE TABLE user_account (
    user_id         BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    login           TEXT COLLATE "C" NOT NULL UNIQUE CHECK (login <> '' AND login = lower(login)),
    name            TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    role            TEXT COLLATE "C" NOT NULL CHECK (role IN ('administrator', 'supervisor', 'case_review', 'duty_office', 'squad', 'auditor')),
    unit            TEXT COLLATE "C" REFERENCES unit (code),
    badge           TEXT COLLATE "C" REFERENCES officer (badge),
    password_hash   TEXT COLLATE "C" CHECK (password_hash LIKE '$argon2id$%'),
    failures        BIGINT NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until_us BIGINT,
    created_at_us   BIGINT NOT NULL,
    disabled_at_us  BIGINT,
    CHECK (role <> 'squad' OR unit IS NOT NULL)
);
COMMENT ON TABLE user_account IS 'Who may use the service. No password, session or token stands here as it is: of passwords an Argon2id string, of the others SHA-256.';
COMMENT ON COLUMN user_account.login IS 'Lower case; never given to somebody else, because the trail speaks of it.';
COMMENT ON COLUMN user_account.name IS 'As people write it.';
COMMENT ON COLUMN user_account.unit IS 'The unit whose subtree the person sees; NULL: all units.';
COMMENT ON COLUMN user_account.badge IS 'The officer that the person is, for acts that a badge stands behind; NULL: no officer.';
COMMENT ON COLUMN user_account.password_hash IS 'PHC string of Argon2id; NULL: no password was ever set, so nobody signs in with one.';
COMMENT ON COLUMN user_account.failures IS 'Attempts to sign in since the last that succeeded.';
COMMENT ON COLUMN user_account.locked_until_us IS 'Until when no attempt is looked at; NULL: none was refused for that.';
COMMENT ON COLUMN user_account.disabled_at_us IS 'When the account was closed; NULL while it is open.';

CREATE TABLE user_session (
    token_sha256  TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(token_sha256) = 64),
    user_id       BIGINT NOT NULL REFERENCES user_account (user_id),
    created_at_us BIGINT NOT NULL,
    seen_at_us    BIGINT NOT NULL,
    ends_at_us    BIGINT NOT NULL CHECK (ends_at_us > created_at_us)
);
COMMENT ON TABLE user_session IS 'Signed-in browsers. Rows go when a session ends.';
COMMENT ON COLUMN user_session.token_sha256 IS 'SHA-256 of the cookie''s value, lower-case hexadecimal.';
COMMENT ON COLUMN user_session.seen_at_us IS 'When it was last used, to the minute.';
COMMENT ON COLUMN user_session.ends_at_us IS 'When it ends whatever happens.';

CREATE TABLE api_token (
    api_token_id  BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    token_sha256  TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(token_sha256) = 64),
    user_id       BIGINT NOT NULL REFERENCES user_account (user_id),
    name          TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    scope         TEXT COLLATE "C" NOT NULL CHECK (scope IN ('read', 'write')),
    created_at_us BIGINT NOT NULL,
    ends_at_us    BIGINT NOT NULL CHECK (ends_at_us > created_at_us),
    revoked_at_us BIGINT
);
COMMENT ON TABLE api_token IS 'What scripts sign in with. Rows stay, revoked or not.';
COMMENT ON COLUMN api_token.name IS 'What it is for, in its owner''s words.';
COMMENT ON COLUMN api_token.revoked_at_us IS 'NULL while it stands.';

CREATE TABLE access_trail (
    access_trail_id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at_us           BIGINT NOT NULL,
    user_id         BIGINT REFERENCES user_account (user_id),
    login           TEXT COLLATE "C" NOT NULL,
    act             TEXT COLLATE "C" NOT NULL CHECK (act <> ''),
    subject         TEXT COLLATE "C" NOT NULL,
    outcome         TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('asked', 'done', 'refused')),
    detail_json     TEXT COLLATE "C" NOT NULL
);
COMMENT ON TABLE access_trail IS 'Every sight of footage, every sign-in and every write through the service. Only ever added: an administrator of the service cannot edit it either.';
COMMENT ON COLUMN access_trail.user_id IS 'NULL where nobody was signed in, or the login is nobody''s.';
COMMENT ON COLUMN access_trail.login IS 'Of the account then, or as it was tried; empty where none was given.';
COMMENT ON COLUMN access_trail.act IS 'What was done: sign_in, view_media, add_excuse, …';
COMMENT ON COLUMN access_trail.subject IS 'To what: an object''s key, a stage, a login; empty where the act says it all.';
COMMENT ON COLUMN access_trail.outcome IS 'asked: before it was done; done: in the transaction that did it; refused.';
COMMENT ON COLUMN access_trail.detail_json IS 'Particulars as a JSON object.';

CREATE TABLE idempotency (
    user_id        BIGINT NOT NULL REFERENCES user_account (user_id),
    key            TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    request_sha256 TEXT COLLATE "C" NOT NULL CHECK (length(request_sha256) = 64),
    at_us          BIGINT NOT NULL,
    status         BIGINT CHECK (status BETWEEN 100 AND 599),
    body           TEXT COLLATE "C",
    CHECK ((status IS NULL) = (body IS NULL)),
    PRIMARY KEY (user_id, key)
);
COMMENT ON TABLE idempotency IS 'Writes that came with an Idempotency-Key, and what was answered: asking again gives the same answer.';
COMMENT ON COLUMN idempotency.request_sha256 IS 'SHA-256 of method, path and body: another request under the same key is refused.';
COMMENT ON COLUMN idempotency.status IS 'HTTP status and body of the answer; NULL while the request is under way.';

CREATE TABLE recording_facet (
    facet      TEXT COLLATE "C" NOT NULL CHECK (facet IN ('device', 'badge', 'problem', 'quarantined')),
    value      TEXT COLLATE "C" NOT NULL CHECK (facet <> 'quarantined' OR value = 'yes'),
    object_key TEXT COLLATE "C" NOT NULL,
    object_id  BIGINT NOT NULL REFERENCES object (object_id),
    PRIMARY KEY (facet, value, object_key, object_id)
);
COMMENT ON TABLE recording_facet IS 'The recordings by what people look for them by. An index and no second truth: it holds the present reading of each object and follows from the tables that triggers keep it by.';
COMMENT ON COLUMN recording_facet.facet IS 'device, badge: what the object''s key names; problem: a code of what stood in the way of reading it; quarantined: that it cannot be used.';
COMMENT ON COLUMN recording_facet.value IS 'Serial number, badge or code; yes for those that are quarantined, of which there is nothing else to say.';
COMMENT ON COLUMN recording_facet.object_key IS 'The object''s key again: lists go by it.';

CREATE TABLE identity (
    issuer           TEXT COLLATE "C" NOT NULL CHECK (issuer <> ''),
    subject          TEXT COLLATE "C" NOT NULL CHECK (subject <> ''),
    user_id          BIGINT REFERENCES user_account (user_id),
    name             TEXT COLLATE "C" NOT NULL,
    first_seen_at_us BIGINT NOT NULL,
    last_seen_at_us  BIGINT NOT NULL CHECK (last_seen_at_us >= first_seen_at_us),
    PRIMARY KEY (issuer, subject)
);
COMMENT ON TABLE identity IS 'Whom a provider of OpenID Connect vouches for, and whose account that is. A provider and a subject together are one person for good (OpenID Connect Core 1.0, section 5.7); names and addresses of mail change hands and decide nothing.';
COMMENT ON COLUMN identity.issuer IS 'As the provider calls itself, to the letter.';
COMMENT ON COLUMN identity.subject IS 'What it calls the person, to the letter.';
COMMENT ON COLUMN identity.user_id IS 'The account; NULL while nobody said whose it is: who comes with it is not let in.';
COMMENT ON COLUMN identity.name IS 'What the provider called the person when they came last, so that an administrator knows them; may be empty.';
COMMENT ON COLUMN identity.first_seen_at_us IS 'When they came first and last.';

CREATE TABLE log_identity (
    one            BIGINT PRIMARY KEY CHECK (one = 1),
    log_id         TEXT COLLATE "C" NOT NULL CHECK (length(log_id) = 32),
    begun_at_us    BIGINT NOT NULL,
    complete_at_us BIGINT
);
COMMENT ON TABLE log_identity IS 'One row: which log this is. It is written when a catalog is first opened with this schema, before anything else is logged.';
COMMENT ON COLUMN log_identity.log_id IS '32 hexadecimal digits by chance: two logs are never taken for one.';
COMMENT ON COLUMN log_identity.complete_at_us IS 'When all rows that were there before the log were in it; NULL until then. Until then rows without a leaf are being logged as found, from then on each is a sign of something written around the log.';

CREATE TABLE log_leaf (
    leaf_no        BIGINT PRIMARY KEY,
    kind           TEXT COLLATE "C" NOT NULL CHECK (kind <> ''),
    row_key        TEXT COLLATE "C" NOT NULL CHECK (row_key <> ''),
    at_us          BIGINT NOT NULL,
    origin         TEXT COLLATE "C" NOT NULL CHECK (origin IN ('written', 'found')),
    salt           BYTEA NOT NULL CHECK (length(salt) = 16),
    content_sha256 BYTEA NOT NULL CHECK (length(content_sha256) = 32),
    content        TEXT COLLATE "C",
    leaf_sha256    BYTEA NOT NULL CHECK (length(leaf_sha256) = 32)
);
COMMENT ON TABLE log_leaf IS 'The transparency log: every row that is evidence, or that evidence is judged by, is a leaf of one append-only Merkle tree (RFC 6962). docs/log.md says what is hashed.';
COMMENT ON COLUMN log_leaf.leaf_no IS 'From 1 without gaps; a leaf''s index in the tree is one less.';
COMMENT ON COLUMN log_leaf.kind IS 'The table that the row stands in.';
COMMENT ON COLUMN log_leaf.row_key IS 'Its key columns as a JSON array.';
COMMENT ON COLUMN log_leaf.at_us IS 'The moment that the row speaks of, or at which it was found.';
COMMENT ON COLUMN log_leaf.salt IS 'By chance; what is published is digested with it.';
COMMENT ON COLUMN log_leaf.content_sha256 IS 'Salted digest of the row''s content.';
COMMENT ON COLUMN log_leaf.content IS 'The content itself, as canonical JSON, so that a rewritten row can be told with what it said; NULL for trails (event, access_trail), of which the digest is kept alone.';
COMMENT ON COLUMN log_leaf.leaf_sha256 IS 'SHA-256 of a zero byte and the leaf''s record.';

CREATE TABLE log_node (
    level      BIGINT NOT NULL CHECK (level > 0 AND level % 8 = 0),
    node_index BIGINT NOT NULL CHECK (node_index >= 0),
    sha256     BYTEA NOT NULL CHECK (length(sha256) = 32),
    PRIMARY KEY (level, node_index)
);
COMMENT ON TABLE log_node IS 'Roots of complete subtrees, so that no proof reads the whole log: of 256 leaves (level 8), of 65,536 (level 16), and so on. They follow from the leaves and are added when they are first needed.';

CREATE TABLE log_checkpoint (
    checkpoint_id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    size          BIGINT NOT NULL CHECK (size >= 0),
    root          BYTEA NOT NULL CHECK (length(root) = 32),
    at_us         BIGINT NOT NULL,
    note          TEXT COLLATE "C" NOT NULL
);
COMMENT ON TABLE log_checkpoint IS 'Signed roots, as they were published.';
COMMENT ON COLUMN log_checkpoint.size IS 'Leaves of the tree.';
COMMENT ON COLUMN log_checkpoint.note IS 'The signed note, byte for byte.';

CREATE TABLE log_key (
    key_no    BIGINT PRIMARY KEY,
    vkey      TEXT COLLATE "C" NOT NULL UNIQUE,
    since_us  BIGINT NOT NULL,
    statement TEXT COLLATE "C",
    CHECK ((key_no = 1) = (statement IS NULL))
);
COMMENT ON TABLE log_key IS 'The keys that checkpoints are signed with, in the order in which they came into use. The last one signs.';
COMMENT ON COLUMN log_key.vkey IS 'Verifier key in the form of signed notes: name+hash+key.';
COMMENT ON COLUMN log_key.statement IS 'The note that states this key and the one before it, signed by both; NULL for the first.';

CREATE TABLE setting (
    setting_id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind       TEXT COLLATE "C" NOT NULL CHECK (kind IN ('policy', 'configuration')),
    name       TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    sha256     TEXT COLLATE "C" NOT NULL CHECK (length(sha256) = 64),
    text       TEXT COLLATE "C",
    at_us      BIGINT NOT NULL
);
COMMENT ON TABLE setting IS 'What the service judged by: policies and configuration, each time one was seen with another content.';
COMMENT ON COLUMN setting.name IS 'Name of the policy, or of the part of the configuration.';
COMMENT ON COLUMN setting.sha256 IS 'Of the text, lower-case hexadecimal.';
COMMENT ON COLUMN setting.text IS 'The text; NULL for configuration, which may name secrets.';

-- ── Indexes ─────────────────────────────────────────────────────────────────────────────────

CREATE INDEX enforcement_case_filed ON enforcement_case (filed_at_us);

CREATE INDEX stage_starts ON stage (starts_at_us);

CREATE INDEX object_key ON object (object_key);

CREATE INDEX observation_started ON observation (started_at_us);

CREATE INDEX observation_sha256 ON observation (sha256);

CREATE INDEX listing_store ON listing (store_id, listed_at_us);

-- What devices say they recorded is looked up by time.
CREATE INDEX manifest_entry_starts ON manifest_entry (starts_at_us);

-- A month's flights are looked up by their start.
CREATE INDEX sortie_took_off ON sortie (took_off_at_us);

CREATE INDEX round_act_round ON round_act (round_id, round_act_id);

CREATE INDEX review_assignment_badge ON review_assignment (badge);

CREATE INDEX schedule_step_month ON schedule_step (month, policy);

-- One officer, one account.
CREATE UNIQUE INDEX user_account_badge ON user_account (badge) WHERE badge IS NOT NULL;

CREATE INDEX user_session_user ON user_session (user_id);

CREATE INDEX api_token_user ON api_token (user_id);

CREATE INDEX access_trail_user ON access_trail (user_id, access_trail_id);

-- How late the catalog's last event is, is asked for at every question to a month: a service that keeps audited months learns from it, and from the number of the last event, whether they are still what the catalog says.
CREATE INDEX event_at ON event (at_us);

-- Keys and what was answered under them are kept for some days (the service says how many); this finds the old ones.
CREATE INDEX idempotency_at ON idempotency (at_us);

-- Objects that are to be read again though their store says that they did not change: their signature was taken away.
CREATE INDEX object_asked_again ON object (object_id) WHERE signature = '';

-- Whose they are: the units below a unit, and their devices and officers.
CREATE INDEX unit_parent ON unit (parent);

CREATE INDEX device_unit ON device (unit);

CREATE INDEX officer_unit ON officer (unit);

-- The last event that changes what a month looks like. What people do with a judged month does not: a verdict must not make the service load the month again.
CREATE INDEX event_of_evidence ON event (event_id) WHERE kind NOT IN
    ('frozen', 'drawn', 'round_act', 'seed', 'assigned', 'reviewed', 'visited', 'notice', 'return');

CREATE INDEX identity_user ON identity (user_id) WHERE user_id IS NOT NULL;

CREATE INDEX log_leaf_row ON log_leaf (kind, row_key);

CREATE INDEX setting_name ON setting (kind, name, setting_id);

-- ── Rows that must never change ─────────────────────────────────────────────────────────────

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END
$$;
COMMENT ON FUNCTION refuse_change() IS 'Refuses what a trigger stands before, with the reason that the trigger gives.';

CREATE TRIGGER observation_no_change BEFORE UPDATE OR DELETE ON observation
    FOR EACH ROW EXECUTE FUNCTION refuse_change('observations are only ever added');
CREATE TRIGGER observation_no_truncate BEFORE TRUNCATE ON observation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('observations are only ever added');
CREATE TRIGGER round_no_change BEFORE UPDATE OR DELETE ON round
    FOR EACH ROW EXECUTE FUNCTION refuse_change('a frozen round never changes');
CREATE TRIGGER round_no_truncate BEFORE TRUNCATE ON round
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a frozen round never changes');
CREATE TRIGGER round_draw_no_change BEFORE UPDATE OR DELETE ON round_draw
    FOR EACH ROW EXECUTE FUNCTION refuse_change('a draw never changes');
CREATE TRIGGER round_draw_no_truncate BEFORE TRUNCATE ON round_draw
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a draw never changes');
CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION refuse_change('events are only ever added');
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('events are only ever added');
CREATE TRIGGER track_no_change BEFORE UPDATE OR DELETE ON track
    FOR EACH ROW EXECUTE FUNCTION refuse_change('tracks are only ever added');
CREATE TRIGGER track_no_truncate BEFORE TRUNCATE ON track
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('tracks are only ever added');
CREATE TRIGGER inspection_no_change BEFORE UPDATE OR DELETE ON inspection
    FOR EACH ROW EXECUTE FUNCTION refuse_change('inspections are only ever added');
CREATE TRIGGER inspection_no_truncate BEFORE TRUNCATE ON inspection
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('inspections are only ever added');
CREATE TRIGGER inspection_span_no_change BEFORE UPDATE OR DELETE ON inspection_span
    FOR EACH ROW EXECUTE FUNCTION refuse_change('inspections are only ever added');
CREATE TRIGGER inspection_span_no_truncate BEFORE TRUNCATE ON inspection_span
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('inspections are only ever added');
CREATE TRIGGER chunk_list_no_change BEFORE UPDATE OR DELETE ON chunk_list
    FOR EACH ROW EXECUTE FUNCTION refuse_change('chunk lists are only ever added');
CREATE TRIGGER chunk_list_no_truncate BEFORE TRUNCATE ON chunk_list
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('chunk lists are only ever added');
CREATE TRIGGER altered_range_no_change BEFORE UPDATE OR DELETE ON altered_range
    FOR EACH ROW EXECUTE FUNCTION refuse_change('altered ranges are only ever added');
CREATE TRIGGER altered_range_no_truncate BEFORE TRUNCATE ON altered_range
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('altered ranges are only ever added');
CREATE TRIGGER inspection_trace_no_change BEFORE UPDATE OR DELETE ON inspection_trace
    FOR EACH ROW EXECUTE FUNCTION refuse_change('inspections are only ever added');
CREATE TRIGGER inspection_trace_no_truncate BEFORE TRUNCATE ON inspection_trace
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('inspections are only ever added');
CREATE TRIGGER listing_no_change BEFORE UPDATE OR DELETE ON listing
    FOR EACH ROW EXECUTE FUNCTION refuse_change('listings are only ever added');
CREATE TRIGGER listing_no_truncate BEFORE TRUNCATE ON listing
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('listings are only ever added');
CREATE TRIGGER excuse_no_change BEFORE UPDATE OR DELETE ON excuse
    FOR EACH ROW EXECUTE FUNCTION refuse_change('excuses are only ever added');
CREATE TRIGGER excuse_no_truncate BEFORE TRUNCATE ON excuse
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('excuses are only ever added');
CREATE TRIGGER excuse_withdrawal_no_change BEFORE UPDATE OR DELETE ON excuse_withdrawal
    FOR EACH ROW EXECUTE FUNCTION refuse_change('withdrawals are only ever added');
CREATE TRIGGER excuse_withdrawal_no_truncate BEFORE TRUNCATE ON excuse_withdrawal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('withdrawals are only ever added');
CREATE TRIGGER round_act_no_change BEFORE UPDATE OR DELETE ON round_act
    FOR EACH ROW EXECUTE FUNCTION refuse_change('acts on a round are only ever added');
CREATE TRIGGER round_act_no_truncate BEFORE TRUNCATE ON round_act
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('acts on a round are only ever added');
CREATE TRIGGER review_assignment_no_change BEFORE UPDATE OR DELETE ON review_assignment
    FOR EACH ROW EXECUTE FUNCTION refuse_change('assignments are only ever added');
CREATE TRIGGER review_assignment_no_truncate BEFORE TRUNCATE ON review_assignment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('assignments are only ever added');
CREATE TRIGGER review_event_no_change BEFORE UPDATE OR DELETE ON review_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change('review events are only ever added');
CREATE TRIGGER review_event_no_truncate BEFORE TRUNCATE ON review_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('review events are only ever added');
CREATE TRIGGER visit_no_change BEFORE UPDATE OR DELETE ON visit
    FOR EACH ROW EXECUTE FUNCTION refuse_change('visits are only ever added');
CREATE TRIGGER visit_no_truncate BEFORE TRUNCATE ON visit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('visits are only ever added');
CREATE TRIGGER notice_no_change BEFORE UPDATE OR DELETE ON notice
    FOR EACH ROW EXECUTE FUNCTION refuse_change('notices are only ever added');
CREATE TRIGGER notice_no_truncate BEFORE TRUNCATE ON notice
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('notices are only ever added');
CREATE TRIGGER notice_event_no_change BEFORE UPDATE OR DELETE ON notice_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change('notice events are only ever added');
CREATE TRIGGER notice_event_no_truncate BEFORE TRUNCATE ON notice_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('notice events are only ever added');
CREATE TRIGGER notice_serial_no_change BEFORE UPDATE OR DELETE ON notice_serial
    FOR EACH ROW EXECUTE FUNCTION refuse_change('numbers of notices are only ever added');
CREATE TRIGGER notice_serial_no_truncate BEFORE TRUNCATE ON notice_serial
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('numbers of notices are only ever added');
CREATE TRIGGER kept_return_no_change BEFORE UPDATE OR DELETE ON kept_return
    FOR EACH ROW EXECUTE FUNCTION refuse_change('kept returns are only ever added');
CREATE TRIGGER kept_return_no_truncate BEFORE TRUNCATE ON kept_return
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('kept returns are only ever added');
CREATE TRIGGER kept_return_file_no_change BEFORE UPDATE OR DELETE ON kept_return_file
    FOR EACH ROW EXECUTE FUNCTION refuse_change('kept returns are only ever added');
CREATE TRIGGER kept_return_file_no_truncate BEFORE TRUNCATE ON kept_return_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('kept returns are only ever added');
CREATE TRIGGER announced_seed_no_change BEFORE UPDATE OR DELETE ON announced_seed
    FOR EACH ROW EXECUTE FUNCTION refuse_change('an announced seed never changes');
CREATE TRIGGER announced_seed_no_truncate BEFORE TRUNCATE ON announced_seed
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('an announced seed never changes');
CREATE TRIGGER schedule_step_no_change BEFORE UPDATE OR DELETE ON schedule_step
    FOR EACH ROW EXECUTE FUNCTION refuse_change('steps of the schedule are only ever added');
CREATE TRIGGER schedule_step_no_truncate BEFORE TRUNCATE ON schedule_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('steps of the schedule are only ever added');
CREATE TRIGGER user_account_no_delete BEFORE DELETE ON user_account
    FOR EACH ROW EXECUTE FUNCTION refuse_change('an account is disabled, never deleted: the trail speaks of it');
CREATE TRIGGER user_account_no_truncate BEFORE TRUNCATE ON user_account
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('an account is disabled, never deleted: the trail speaks of it');
CREATE TRIGGER access_trail_no_change BEFORE UPDATE OR DELETE ON access_trail
    FOR EACH ROW EXECUTE FUNCTION refuse_change('the access trail is only ever added to');
CREATE TRIGGER access_trail_no_truncate BEFORE TRUNCATE ON access_trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the access trail is only ever added to');
CREATE TRIGGER log_identity_no_delete BEFORE DELETE ON log_identity
    FOR EACH ROW EXECUTE FUNCTION refuse_change('a log is never begun anew');
CREATE TRIGGER log_identity_no_update BEFORE UPDATE ON log_identity FOR EACH ROW
    WHEN (old.log_id <> new.log_id OR old.begun_at_us <> new.begun_at_us OR old.complete_at_us IS NOT NULL)
    EXECUTE FUNCTION refuse_change('a log is never begun anew');
CREATE TRIGGER log_identity_no_truncate BEFORE TRUNCATE ON log_identity
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a log is never begun anew');
CREATE TRIGGER log_leaf_no_change BEFORE UPDATE OR DELETE ON log_leaf
    FOR EACH ROW EXECUTE FUNCTION refuse_change('the log is only ever added to');
CREATE TRIGGER log_leaf_no_truncate BEFORE TRUNCATE ON log_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the log is only ever added to');
CREATE TRIGGER log_node_no_change BEFORE UPDATE OR DELETE ON log_node
    FOR EACH ROW EXECUTE FUNCTION refuse_change('the log is only ever added to');
CREATE TRIGGER log_node_no_truncate BEFORE TRUNCATE ON log_node
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the log is only ever added to');
CREATE TRIGGER log_checkpoint_no_change BEFORE UPDATE OR DELETE ON log_checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_change('checkpoints are only ever added');
CREATE TRIGGER log_checkpoint_no_truncate BEFORE TRUNCATE ON log_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('checkpoints are only ever added');
CREATE TRIGGER log_key_no_change BEFORE UPDATE OR DELETE ON log_key
    FOR EACH ROW EXECUTE FUNCTION refuse_change('keys of the log are only ever added');
CREATE TRIGGER log_key_no_truncate BEFORE TRUNCATE ON log_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('keys of the log are only ever added');
CREATE TRIGGER setting_no_change BEFORE UPDATE OR DELETE ON setting
    FOR EACH ROW EXECUTE FUNCTION refuse_change('settings are only ever added');
CREATE TRIGGER setting_no_truncate BEFORE TRUNCATE ON setting
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('settings are only ever added');

-- ── Facets of recordings ────────────────────────────────────────────────────────────────────

CREATE FUNCTION keep_facets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A new reading takes the place of those before, whose facets go first.
    IF NEW.version > 1 OR NEW.reading > 1 THEN
        DELETE FROM recording_facet f USING (
            SELECT 'device' AS facet, o.device AS value, b.object_key
            FROM observation o JOIN object b USING (object_id)
            WHERE o.object_id = NEW.object_id AND o.observation_id <> NEW.observation_id
            UNION ALL SELECT 'badge', o.badge, b.object_key
            FROM observation o JOIN object b USING (object_id)
            WHERE o.object_id = NEW.object_id AND o.observation_id <> NEW.observation_id
            UNION ALL SELECT 'quarantined', 'yes', b.object_key FROM object b WHERE b.object_id = NEW.object_id
            UNION ALL SELECT 'problem', p.code, b.object_key
            FROM observation o JOIN object b USING (object_id) JOIN problem p USING (observation_id)
            WHERE o.object_id = NEW.object_id AND o.observation_id <> NEW.observation_id) earlier
        WHERE f.facet = earlier.facet AND f.value = earlier.value AND f.object_key = earlier.object_key
          AND f.object_id = NEW.object_id;
    END IF;
    INSERT INTO recording_facet (facet, value, object_key, object_id)
    SELECT 'device', NEW.device, object_key, object_id FROM object
    WHERE object_id = NEW.object_id AND NEW.device IS NOT NULL
    UNION ALL SELECT 'badge', NEW.badge, object_key, object_id FROM object
    WHERE object_id = NEW.object_id AND NEW.badge IS NOT NULL
    UNION ALL SELECT 'quarantined', 'yes', object_key, object_id FROM object
    WHERE object_id = NEW.object_id AND NEW.quarantined;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION keep_facets() IS 'Keeps recording_facet by the readings of objects.';

CREATE TRIGGER observation_has_facets AFTER INSERT ON observation FOR EACH ROW EXECUTE FUNCTION keep_facets();

CREATE FUNCTION keep_problem_facet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recording_facet (facet, value, object_key, object_id)
    SELECT 'problem', NEW.code, b.object_key, b.object_id
    FROM observation o JOIN object b USING (object_id) WHERE o.observation_id = NEW.observation_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION keep_problem_facet() IS 'Keeps recording_facet by the problems of readings.';

CREATE TRIGGER problem_has_facet AFTER INSERT ON problem FOR EACH ROW EXECUTE FUNCTION keep_problem_facet();

-- ── What the log writes ─────────────────────────────────────────────────────────────────────

CREATE FUNCTION decimals(number DOUBLE PRECISION, places INTEGER) RETURNS TEXT
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    bits     CONSTANT BIGINT := CAST(CAST('x' || encode(float8send(abs(number)), 'hex') AS BIT(64)) AS BIGINT);
    exponent INTEGER := CAST(bits >> 52 AS INTEGER);
    -- The number is mantissa × 2^(exponent − 1075), exactly: IEEE 754.
    exact    NUMERIC := bits & 4503599627370495;
BEGIN
    IF exponent = 0 THEN
        exponent := 1;
    ELSE
        exact := exact + 4503599627370496;
    END IF;
    FOR _ IN 1..exponent - 1075 LOOP
        exact := exact * 2;
    END LOOP;
    -- Half of a number is five tenths of it, and multiplying loses nothing.
    FOR _ IN 1..1075 - exponent LOOP
        exact := exact * 0.5;
    END LOOP;
    exact := round(exact, places);
    IF number < 0 THEN
        exact := -exact;
    END IF;
    RETURN CAST(exact AS TEXT);
END
$$;
COMMENT ON FUNCTION decimals(DOUBLE PRECISION, INTEGER) IS 'A real number with so many decimals, rounded half up from what it exactly is: as SQLite prints it, because a log says the same on every engine. A conversion to NUMERIC would keep fifteen digits.';
