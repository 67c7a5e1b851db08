-- Facets hold what lists of them are put in order by, so that a squad's recordings can be put in the order of their length
-- without looking up each.
DROP TRIGGER observation_has_facets;
DROP TRIGGER problem_has_facet;
DROP TABLE recording_facet;

-- The recordings by what people look for them by. An index and no second truth: it holds the present reading of each
-- object and follows from the tables that triggers keep it by.
CREATE TABLE recording_facet (
    -- device, badge: what the object's key names; problem: a code of what stood in the way of reading it;
    -- quarantined: that it cannot be used.
    facet          TEXT NOT NULL CHECK (facet IN ('device', 'badge', 'problem', 'quarantined')),
    -- Serial number, badge or code; yes for those that are quarantined, of which there is nothing else to say.
    value          TEXT NOT NULL CHECK (facet <> 'quarantined' OR value = 'yes'),
    -- The object's key again: lists go by it.
    object_key     TEXT NOT NULL,
    object_id      INTEGER NOT NULL REFERENCES object (object_id),
    -- Of its present reading again: lists can be put in the order of these.
    started_at_us  INTEGER,
    duration_us    INTEGER,
    size_bytes     INTEGER NOT NULL,
    observed_at_us INTEGER NOT NULL,
    PRIMARY KEY (facet, value, object_key, object_id)
) STRICT, WITHOUT ROWID;

INSERT INTO recording_facet (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
SELECT 'device', o.device, b.object_key, b.object_id, o.started_at_us, o.duration_us, o.size_bytes, o.observed_at_us
FROM object b JOIN observation o USING (object_id, version, reading) WHERE o.device IS NOT NULL ORDER BY 2, 3, 4;

INSERT INTO recording_facet (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
SELECT 'badge', o.badge, b.object_key, b.object_id, o.started_at_us, o.duration_us, o.size_bytes, o.observed_at_us
FROM object b JOIN observation o USING (object_id, version, reading) WHERE o.badge IS NOT NULL ORDER BY 2, 3, 4;

INSERT INTO recording_facet (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
SELECT 'quarantined', 'yes', b.object_key, b.object_id, o.started_at_us, o.duration_us, o.size_bytes, o.observed_at_us
FROM object b JOIN observation o USING (object_id, version, reading) WHERE o.quarantined;

INSERT INTO recording_facet (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
SELECT DISTINCT 'problem', p.code, b.object_key, b.object_id,
       o.started_at_us, o.duration_us, o.size_bytes, o.observed_at_us
FROM object b JOIN observation o USING (object_id, version, reading) JOIN problem p USING (observation_id);

-- A new reading takes the place of those before, whose facets go first. Each kind is looked for by itself: of a list of all
-- kinds together SQLite cannot use the key, and walks every facet of every recording for each reading.
CREATE TRIGGER observation_has_facets AFTER INSERT ON observation
BEGIN
    DELETE FROM recording_facet WHERE facet = 'device' AND (value, object_key, object_id) IN (
        SELECT o.device, b.object_key, b.object_id
        FROM observation o JOIN object b USING (object_id)
        WHERE o.object_id = NEW.object_id AND o.observation_id <> NEW.observation_id);
    DELETE FROM recording_facet WHERE facet = 'badge' AND (value, object_key, object_id) IN (
        SELECT o.badge, b.object_key, b.object_id
        FROM observation o JOIN object b USING (object_id)
        WHERE o.object_id = NEW.object_id AND o.observation_id <> NEW.observation_id);
    DELETE FROM recording_facet WHERE facet = 'quarantined' AND value = 'yes' AND (object_key, object_id) IN (
        SELECT b.object_key, b.object_id
        FROM observation o JOIN object b USING (object_id)
        WHERE o.object_id = NEW.object_id AND o.observation_id <> NEW.observation_id);
    DELETE FROM recording_facet WHERE facet = 'problem' AND (value, object_key, object_id) IN (
        SELECT p.code, b.object_key, b.object_id
        FROM observation o JOIN object b USING (object_id) JOIN problem p USING (observation_id)
        WHERE o.object_id = NEW.object_id AND o.observation_id <> NEW.observation_id);
    INSERT INTO recording_facet (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
    SELECT 'device', NEW.device, object_key, object_id, NEW.started_at_us, NEW.duration_us, NEW.size_bytes, NEW.observed_at_us
    FROM object WHERE object_id = NEW.object_id AND NEW.device IS NOT NULL;
    INSERT INTO recording_facet (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
    SELECT 'badge', NEW.badge, object_key, object_id, NEW.started_at_us, NEW.duration_us, NEW.size_bytes, NEW.observed_at_us
    FROM object WHERE object_id = NEW.object_id AND NEW.badge IS NOT NULL;
    INSERT INTO recording_facet (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
    SELECT 'quarantined', 'yes', object_key, object_id, NEW.started_at_us, NEW.duration_us, NEW.size_bytes, NEW.observed_at_us
    FROM object WHERE object_id = NEW.object_id AND NEW.quarantined;
END;

CREATE TRIGGER problem_has_facet AFTER INSERT ON problem
BEGIN
    INSERT OR IGNORE INTO recording_facet (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
    SELECT 'problem', NEW.code, b.object_key, b.object_id,
           o.started_at_us, o.duration_us, o.size_bytes, o.observed_at_us
    FROM observation o JOIN object b USING (object_id) WHERE o.observation_id = NEW.observation_id;
END;
