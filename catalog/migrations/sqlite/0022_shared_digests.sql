-- Digests that more than one object had: the recordings with the bytes of one of a month's are found by them, however many
-- months there are. An index and no second truth: it follows from the observations.
CREATE TABLE shared_digest (
    sha256 TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

INSERT INTO shared_digest (sha256)
SELECT sha256 FROM observation GROUP BY sha256 HAVING min(object_id) <> max(object_id);

CREATE TRIGGER observation_shares_digest AFTER INSERT ON observation
BEGIN
    INSERT OR IGNORE INTO shared_digest (sha256)
    SELECT NEW.sha256
    WHERE EXISTS (SELECT 1 FROM observation o WHERE o.sha256 = NEW.sha256 AND o.object_id <> NEW.object_id);
END;
