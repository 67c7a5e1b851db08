-- When recordings came into their stores, and excuses that nobody rewrites.

-- One complete listing of a store, or of a part of it. It is written once every object in it had been
-- recorded, so an object that was first read later was not there at listed_at_us. Rows are only ever
-- added.
CREATE TABLE listing (
    listing_id     INTEGER PRIMARY KEY,
    store_id       INTEGER NOT NULL REFERENCES store (store_id),
    -- Keys below this prefix were listed, with a slash at its end; empty: all of the store.
    prefix         TEXT NOT NULL CHECK (prefix = '' OR prefix LIKE '%/'),
    -- Just before the store was asked.
    listed_at_us   INTEGER NOT NULL,
    -- Once all of it had been recorded.
    recorded_at_us INTEGER NOT NULL CHECK (recorded_at_us >= listed_at_us),
    -- How many objects there were.
    objects        INTEGER NOT NULL CHECK (objects >= 0)
) STRICT;

CREATE INDEX listing_store ON listing (store_id, listed_at_us);

-- When the store says that the object was written; NULL where it does not, and for folders, whose
-- times anybody can set.
ALTER TABLE observation ADD COLUMN written_at_us INTEGER;

-- That a person took an excuse back. The excuse stays. Rows are only ever added.
CREATE TABLE excuse_withdrawal (
    case_no         TEXT NOT NULL,
    stage_no        INTEGER NOT NULL,
    reason          TEXT NOT NULL,
    recorded_at_us  INTEGER NOT NULL,
    withdrawn_by    TEXT NOT NULL CHECK (withdrawn_by <> ''),
    withdrawn_at_us INTEGER NOT NULL,
    -- Why, in the person's words; may be empty.
    note            TEXT NOT NULL,
    PRIMARY KEY (case_no, stage_no, reason, recorded_at_us),
    FOREIGN KEY (case_no, stage_no, reason, recorded_at_us)
        REFERENCES excuse (case_no, stage_no, reason, recorded_at_us)
) STRICT;

-- What devices say they recorded is looked up by time.
CREATE INDEX manifest_entry_starts ON manifest_entry (starts_at_us);

CREATE TRIGGER listing_no_update BEFORE UPDATE ON listing
BEGIN SELECT RAISE(ABORT, 'listings are only ever added'); END;
CREATE TRIGGER listing_no_delete BEFORE DELETE ON listing
BEGIN SELECT RAISE(ABORT, 'listings are only ever added'); END;
CREATE TRIGGER excuse_no_update BEFORE UPDATE ON excuse
BEGIN SELECT RAISE(ABORT, 'excuses are only ever added'); END;
CREATE TRIGGER excuse_no_delete BEFORE DELETE ON excuse
BEGIN SELECT RAISE(ABORT, 'excuses are only ever added'); END;
CREATE TRIGGER excuse_withdrawal_no_update BEFORE UPDATE ON excuse_withdrawal
BEGIN SELECT RAISE(ABORT, 'withdrawals are only ever added'); END;
CREATE TRIGGER excuse_withdrawal_no_delete BEFORE DELETE ON excuse_withdrawal
BEGIN SELECT RAISE(ABORT, 'withdrawals are only ever added'); END;
