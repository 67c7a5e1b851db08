-- Facets hold what lists of them are put in order by, so that a squad's recordings can be put in the order of their length
-- without looking up each.
TRUNCATE recording_facet;
ALTER TABLE recording_facet
    ADD COLUMN started_at_us  BIGINT,
    ADD COLUMN duration_us    BIGINT,
    ADD COLUMN size_bytes     BIGINT NOT NULL,
    ADD COLUMN observed_at_us BIGINT NOT NULL;
COMMENT ON COLUMN recording_facet.started_at_us IS 'Of its present reading again, as the three that follow: lists can be put in the order of these.';

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

CREATE OR REPLACE FUNCTION keep_facets() RETURNS trigger LANGUAGE plpgsql AS $$
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
    INSERT INTO recording_facet (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
    SELECT kind.facet, kind.value, b.object_key, b.object_id,
           NEW.started_at_us, NEW.duration_us, NEW.size_bytes, NEW.observed_at_us
    FROM object b CROSS JOIN (VALUES
        ('device', NEW.device), ('badge', NEW.badge), ('quarantined', CASE WHEN NEW.quarantined THEN 'yes' END)
    ) kind (facet, value)
    WHERE b.object_id = NEW.object_id AND kind.value IS NOT NULL;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION keep_problem_facet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recording_facet (facet, value, object_key, object_id, started_at_us, duration_us, size_bytes, observed_at_us)
    SELECT 'problem', NEW.code, b.object_key, b.object_id,
           o.started_at_us, o.duration_us, o.size_bytes, o.observed_at_us
    FROM observation o JOIN object b USING (object_id) WHERE o.observation_id = NEW.observation_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
