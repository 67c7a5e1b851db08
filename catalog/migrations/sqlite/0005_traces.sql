-- What is kept of footage so that it can be recognised: how loud it was, and fingerprints of pictures.
-- At most one row for each inspection; catalogs have inspections without one, made before this table.
-- docs/schema.md describes the formats.

CREATE TABLE inspection_trace (
    inspection_id  INTEGER PRIMARY KEY REFERENCES inspection (inspection_id),
    -- Of both blobs; 1 is the only one so far.
    format         INTEGER NOT NULL CHECK (format >= 1),
    -- Start of the first step of the sound's envelope on the media timeline, a multiple of 40 000;
    -- NULL where no sound was decoded.
    sound_start_us INTEGER,
    -- One byte a step of 40 ms: 255 is full scale, each step down 0.375 dB; NULL as above.
    sound_levels   BLOB,
    -- 16 bytes a picture, by time: microseconds on the media timeline (signed), 64 bits; little-endian.
    pictures       BLOB NOT NULL CHECK (length(pictures) % 16 = 0),
    CHECK ((sound_start_us IS NULL) = (sound_levels IS NULL))
) STRICT;

CREATE TRIGGER inspection_trace_no_update BEFORE UPDATE ON inspection_trace
BEGIN SELECT RAISE(ABORT, 'inspections are only ever added'); END;
CREATE TRIGGER inspection_trace_no_delete BEFORE DELETE ON inspection_trace
BEGIN SELECT RAISE(ABORT, 'inspections are only ever added'); END;
