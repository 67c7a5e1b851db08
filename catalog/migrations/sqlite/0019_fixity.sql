-- Fixity: stored footage that is read again, to see whether its bytes are still those that were recorded. Rows are only
-- ever added. That bytes changed is told by a new version (observation, altered_range), as when a run of ingest finds it;
-- these tables say that somebody looked, when, and what came of it.

-- One run of checks.
CREATE TABLE fixity_run (
    fixity_run_id INTEGER PRIMARY KEY,
    begun_at_us   INTEGER NOT NULL,
    -- Name of the policy whose intervals counted.
    policy        TEXT NOT NULL CHECK (policy <> ''),
    -- How long it was allowed to take; NULL: as long as it takes.
    budget_us     INTEGER CHECK (budget_us >= 0),
    -- How many bytes it was allowed to read; NULL: all that was due.
    budget_bytes  INTEGER CHECK (budget_bytes >= 0),
    -- Objects that were due at its beginning, and their bytes.
    due_objects   INTEGER NOT NULL CHECK (due_objects >= 0),
    due_bytes     INTEGER NOT NULL CHECK (due_bytes >= 0)
) STRICT;

-- How a run ended. A run that was killed has no row here.
CREATE TABLE fixity_run_end (
    fixity_run_id INTEGER PRIMARY KEY REFERENCES fixity_run (fixity_run_id),
    at_us         INTEGER NOT NULL,
    ended         TEXT NOT NULL CHECK (ended IN ('done', 'budget', 'stopped'))
) STRICT;

-- One object that was read again, or was to be. Each is committed by itself, so a run that was killed has lost nothing.
CREATE TABLE fixity_check (
    fixity_check_id INTEGER PRIMARY KEY,
    fixity_run_id   INTEGER NOT NULL REFERENCES fixity_run (fixity_run_id),
    object_id       INTEGER NOT NULL REFERENCES object (object_id),
    -- Number of the version that was to be found. Of an altered object, what was found is the version after it.
    version         INTEGER NOT NULL CHECK (version >= 1),
    at_us           INTEGER NOT NULL,
    -- Why it was read.
    class           TEXT NOT NULL CHECK (class IN ('moved', 'sampled', 'case', 'other')),
    outcome         TEXT NOT NULL CHECK (outcome IN ('intact', 'altered', 'missing', 'unreadable')),
    -- Bytes that were fetched for it; 0 where none were, or nobody counted them.
    bytes_read      INTEGER NOT NULL CHECK (bytes_read >= 0),
    -- What the store said of the object when it was read; NULL where it was not.
    signature       TEXT CHECK ((signature IS NOT NULL) = (outcome IN ('intact', 'altered'))),
    -- What stood in the way; NULL where it was read.
    detail          TEXT CHECK ((detail IS NULL) = (outcome IN ('intact', 'altered')))
) STRICT;

-- When an object was last read, and all checks of it.
CREATE INDEX fixity_check_object ON fixity_check (object_id, fixity_check_id);
-- What a run came to, without a look at its rows.
CREATE INDEX fixity_check_run ON fixity_check (fixity_run_id, outcome, at_us, bytes_read);
-- What was found: rare, and asked for at every look at the page.
CREATE INDEX fixity_check_found ON fixity_check (fixity_check_id) WHERE outcome <> 'intact';

CREATE TRIGGER fixity_run_no_update BEFORE UPDATE ON fixity_run
BEGIN SELECT RAISE(ABORT, 'fixity runs are only ever added'); END;
CREATE TRIGGER fixity_run_no_delete BEFORE DELETE ON fixity_run
BEGIN SELECT RAISE(ABORT, 'fixity runs are only ever added'); END;
CREATE TRIGGER fixity_run_end_no_update BEFORE UPDATE ON fixity_run_end
BEGIN SELECT RAISE(ABORT, 'fixity runs are only ever added'); END;
CREATE TRIGGER fixity_run_end_no_delete BEFORE DELETE ON fixity_run_end
BEGIN SELECT RAISE(ABORT, 'fixity runs are only ever added'); END;
CREATE TRIGGER fixity_check_no_update BEFORE UPDATE ON fixity_check
BEGIN SELECT RAISE(ABORT, 'checks are only ever added'); END;
CREATE TRIGGER fixity_check_no_delete BEFORE DELETE ON fixity_check
BEGIN SELECT RAISE(ABORT, 'checks are only ever added'); END;
