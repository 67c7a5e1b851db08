-- The transparency log: every row that is evidence, or that evidence is judged by, is a leaf of one append-only Merkle tree
-- (RFC 6962). docs/log.md says what is hashed. Rows are only ever added.

-- One row: which log this is. It is written when a catalog is first opened with this schema, before anything
-- else is logged.
CREATE TABLE log_identity (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    -- 32 hexadecimal digits by chance: two logs are never taken for one.
    log_id      TEXT NOT NULL CHECK (length(log_id) = 32),
    begun_at_us INTEGER NOT NULL,
    -- When all rows that were there before the log were in it; NULL until then. Until then rows without a leaf are
    -- being logged as found, from then on each is a sign of something written around the log.
    complete_at_us INTEGER
) STRICT;

CREATE TABLE log_leaf (
    -- From 1 without gaps; a leaf's index in the tree is one less.
    leaf_no        INTEGER PRIMARY KEY,
    -- The table that the row stands in.
    kind           TEXT NOT NULL CHECK (kind <> ''),
    -- Its key columns as a JSON array.
    row_key        TEXT NOT NULL CHECK (row_key <> ''),
    -- The moment that the row speaks of, or at which it was found.
    at_us          INTEGER NOT NULL,
    origin         TEXT NOT NULL CHECK (origin IN ('written', 'found')),
    -- By chance; what is published is digested with it.
    salt           BLOB NOT NULL CHECK (length(salt) = 16),
    -- Salted digest of the row's content.
    content_sha256 BLOB NOT NULL CHECK (length(content_sha256) = 32),
    -- The content itself, as canonical JSON, so that a rewritten row can be told with what it said; NULL for
    -- trails (event, access_trail), of which the digest is kept alone.
    content        TEXT,
    -- SHA-256 of a zero byte and the leaf's record.
    leaf_sha256    BLOB NOT NULL CHECK (length(leaf_sha256) = 32)
) STRICT;

CREATE INDEX log_leaf_row ON log_leaf (kind, row_key);

-- Roots of complete subtrees, so that no proof reads the whole log: of 256 leaves (level 8), of 65,536 (level 16), and so
-- on. They follow from the leaves and are added when they are first needed.
CREATE TABLE log_node (
    level      INTEGER NOT NULL CHECK (level > 0 AND level % 8 = 0),
    node_index INTEGER NOT NULL CHECK (node_index >= 0),
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
    PRIMARY KEY (level, node_index)
) STRICT, WITHOUT ROWID;

-- Signed roots, as they were published.
CREATE TABLE log_checkpoint (
    checkpoint_id INTEGER PRIMARY KEY,
    -- Leaves of the tree.
    size          INTEGER NOT NULL CHECK (size >= 0),
    root          BLOB NOT NULL CHECK (length(root) = 32),
    at_us         INTEGER NOT NULL,
    -- The signed note, byte for byte.
    note          TEXT NOT NULL
) STRICT;

-- The keys that checkpoints are signed with, in the order in which they came into use. The last one signs.
CREATE TABLE log_key (
    key_no     INTEGER PRIMARY KEY,
    -- Verifier key in the form of signed notes: name+hash+key.
    vkey       TEXT NOT NULL UNIQUE,
    since_us   INTEGER NOT NULL,
    -- The note that states this key and the one before it, signed by both; NULL for the first.
    statement  TEXT,
    CHECK ((key_no = 1) = (statement IS NULL))
) STRICT;

-- What the service judged by: policies and configuration, each time one was seen with another content.
CREATE TABLE setting (
    setting_id INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('policy', 'configuration')),
    -- Name of the policy, or of the part of the configuration.
    name       TEXT NOT NULL CHECK (name <> ''),
    -- Of the text, lower-case hexadecimal.
    sha256     TEXT NOT NULL CHECK (length(sha256) = 64),
    -- The text; NULL for configuration, which may name secrets.
    text       TEXT,
    at_us      INTEGER NOT NULL
) STRICT;

CREATE INDEX setting_name ON setting (kind, name, setting_id);

CREATE TRIGGER log_identity_no_delete BEFORE DELETE ON log_identity
BEGIN SELECT RAISE(ABORT, 'a log is never begun anew'); END;
CREATE TRIGGER log_identity_no_update BEFORE UPDATE ON log_identity
WHEN old.log_id <> new.log_id OR old.begun_at_us <> new.begun_at_us OR old.complete_at_us IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a log is never begun anew'); END;
CREATE TRIGGER log_leaf_no_update BEFORE UPDATE ON log_leaf
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;
CREATE TRIGGER log_leaf_no_delete BEFORE DELETE ON log_leaf
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;
CREATE TRIGGER log_node_no_update BEFORE UPDATE ON log_node
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;
CREATE TRIGGER log_node_no_delete BEFORE DELETE ON log_node
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;
CREATE TRIGGER log_checkpoint_no_update BEFORE UPDATE ON log_checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoints are only ever added'); END;
CREATE TRIGGER log_checkpoint_no_delete BEFORE DELETE ON log_checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoints are only ever added'); END;
CREATE TRIGGER log_key_no_update BEFORE UPDATE ON log_key
BEGIN SELECT RAISE(ABORT, 'keys of the log are only ever added'); END;
CREATE TRIGGER log_key_no_delete BEFORE DELETE ON log_key
BEGIN SELECT RAISE(ABORT, 'keys of the log are only ever added'); END;
CREATE TRIGGER setting_no_update BEFORE UPDATE ON setting
BEGIN SELECT RAISE(ABORT, 'settings are only ever added'); END;
CREATE TRIGGER setting_no_delete BEFORE DELETE ON setting
BEGIN SELECT RAISE(ABORT, 'settings are only ever added'); END;
