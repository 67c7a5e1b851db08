-- What a later change of an object's bytes is located with, and where changes were found. Rows are only
-- ever added. The proof that bytes changed is the digest in observation; these tables say where.

-- One row a version whose bytes were digested.
CREATE TABLE chunk_list (
    object_id   INTEGER NOT NULL REFERENCES object (object_id),
    version     INTEGER NOT NULL CHECK (version >= 1),
    -- Bytes in a chunk; the last one may be shorter.
    chunk_bytes INTEGER NOT NULL CHECK (chunk_bytes > 0 AND chunk_bytes % 64 = 0),
    -- SHA-256's running state after each chunk, 32 bytes each; after a last, shorter chunk the digest.
    -- Empty for an object without bytes.
    states      BLOB NOT NULL CHECK (length(states) % 32 = 0),
    PRIMARY KEY (object_id, version)
) STRICT;

-- Bytes of a version that are not those of the version before it, in whole chunks. No row where there
-- was no list to compare with, or only bytes at the end were taken away.
CREATE TABLE altered_range (
    object_id  INTEGER NOT NULL REFERENCES object (object_id),
    version    INTEGER NOT NULL CHECK (version >= 2),
    -- First byte inside, and first byte after, in the bytes of this version.
    start_byte INTEGER NOT NULL CHECK (start_byte >= 0),
    end_byte   INTEGER NOT NULL CHECK (end_byte > start_byte),
    -- When the footage in these bytes is shown, on this version's own timeline, half-open; NULL where no
    -- packet of footage lies in them, or the version could not be read.
    start_us   INTEGER,
    end_us     INTEGER CHECK (end_us >= start_us),
    PRIMARY KEY (object_id, version, start_byte),
    CHECK ((start_us IS NULL) = (end_us IS NULL))
) STRICT;

CREATE TRIGGER chunk_list_no_update BEFORE UPDATE ON chunk_list
BEGIN SELECT RAISE(ABORT, 'chunk lists are only ever added'); END;
CREATE TRIGGER chunk_list_no_delete BEFORE DELETE ON chunk_list
BEGIN SELECT RAISE(ABORT, 'chunk lists are only ever added'); END;
CREATE TRIGGER altered_range_no_update BEFORE UPDATE ON altered_range
BEGIN SELECT RAISE(ABORT, 'altered ranges are only ever added'); END;
CREATE TRIGGER altered_range_no_delete BEFORE DELETE ON altered_range
BEGIN SELECT RAISE(ABORT, 'altered ranges are only ever added'); END;
