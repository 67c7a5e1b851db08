-- A new reading takes the place of those before, whose facets go first. Each kind is looked for by itself: of a list of all
-- kinds together SQLite cannot use the key, and walks every facet of every recording for each reading.
DROP TRIGGER observation_has_facets;
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
    INSERT INTO recording_facet (facet, value, object_key, object_id)
    SELECT 'device', NEW.device, object_key, object_id FROM object
    WHERE object_id = NEW.object_id AND NEW.device IS NOT NULL;
    INSERT INTO recording_facet (facet, value, object_key, object_id)
    SELECT 'badge', NEW.badge, object_key, object_id FROM object
    WHERE object_id = NEW.object_id AND NEW.badge IS NOT NULL;
    INSERT INTO recording_facet (facet, value, object_key, object_id)
    SELECT 'quarantined', 'yes', object_key, object_id FROM object
    WHERE object_id = NEW.object_id AND NEW.quarantined;
END;
