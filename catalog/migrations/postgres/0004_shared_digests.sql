-- Digests that more than one object had: the recordings with the bytes of one of a month's are found by them, however many
-- months there are.
CREATE TABLE shared_digest (
    sha256 TEXT NOT NULL PRIMARY KEY
);
COMMENT ON TABLE shared_digest IS 'Digests that more than one object had. An index and no second truth: it follows from the observations.';

INSERT INTO shared_digest (sha256)
SELECT sha256 FROM observation GROUP BY sha256 HAVING min(object_id) <> max(object_id);

CREATE FUNCTION keep_shared_digests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM observation o WHERE o.sha256 = NEW.sha256 AND o.object_id <> NEW.object_id) THEN
        INSERT INTO shared_digest (sha256) VALUES (NEW.sha256) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION keep_shared_digests() IS 'Keeps shared_digest by the digests of readings.';

-- At the end of the transaction, which has the log's lock by then: of two that record the same bytes at the same time, the
-- second sees what the first wrote.
CREATE CONSTRAINT TRIGGER observation_shares_digest AFTER INSERT ON observation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION keep_shared_digests();
