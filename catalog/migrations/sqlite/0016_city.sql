-- What a catalog of a city needs so that no list walks it; and who is vouched for by a provider of identities.

-- The recordings by what people look for them by. An index and no second truth: it holds the present reading of each
-- object and follows from the tables that triggers keep it by.
CREATE TABLE recording_facet (
    -- device, badge: what the object's key names; problem: a code of what stood in the way of reading it;
    -- quarantined: that it cannot be used.
    facet      TEXT NOT NULL CHECK (facet IN ('device', 'badge', 'problem', 'quarantined')),
    -- Serial number, badge or code; yes for those that are quarantined, of which there is nothing else to say.
    value      TEXT NOT NULL CHECK (facet <> 'quarantined' OR value = 'yes'),
    -- The object's key again: lists go by it.
    object_key TEXT NOT NULL,
    object_id  INTEGER NOT NULL REFERENCES object (object_id),
    PRIMARY KEY (facet, value, object_key, object_id)
) STRICT, WITHOUT ROWID;

INSERT INTO recording_facet (facet, value, object_key, object_id)
SELECT 'device', o.device, b.object_key, b.object_id
FROM object b JOIN observation o USING (object_id, version, reading) WHERE o.device IS NOT NULL ORDER BY 2, 3, 4;

INSERT INTO recording_facet (facet, value, object_key, object_id)
SELECT 'badge', o.badge, b.object_key, b.object_id
FROM object b JOIN observation o USING (object_id, version, reading) WHERE o.badge IS NOT NULL ORDER BY 2, 3, 4;

INSERT INTO recording_facet (facet, value, object_key, object_id)
SELECT 'quarantined', 'yes', b.object_key, b.object_id
FROM object b JOIN observation o USING (object_id, version, reading) WHERE o.quarantined;

INSERT OR IGNORE INTO recording_facet (facet, value, object_key, object_id)
SELECT 'problem', p.code, b.object_key, b.object_id
FROM object b JOIN observation o USING (object_id, version, reading) JOIN problem p USING (observation_id);

-- A new reading takes the place of those before, whose facets go first.
CREATE TRIGGER observation_has_facets AFTER INSERT ON observation
BEGIN
    DELETE FROM recording_facet WHERE (facet, value, object_key, object_id) IN (
        SELECT 'device', o.device, b.object_key, b.object_id
        FROM observation o JOIN object b USING (object_id)
        WHERE o.object_id = NEW.object_id AND o.observation_id <> NEW.observation_id
        UNION ALL SELECT 'badge', o.badge, b.object_key, b.object_id
        FROM observation o JOIN object b USING (object_id)
        WHERE o.object_id = NEW.object_id AND o.observation_id <> NEW.observation_id
        UNION ALL SELECT 'quarantined', 'yes', b.object_key, b.object_id
        FROM observation o JOIN object b USING (object_id)
        WHERE o.object_id = NEW.object_id AND o.observation_id <> NEW.observation_id
        UNION ALL SELECT 'problem', p.code, b.object_key, b.object_id
        FROM observation o JOIN object b USING (object_id) JOIN problem p USING (observation_id)
        WHERE o.object_id = NEW.object_id AND o.observation_id <> NEW.observation_id);
    INSERT INTO recording_facet (facet, value, object_key, object_id)
    SELECT 'device', NEW.device, object_key, object_id FROM object
    WHERE object_id = NEW.object_id AND NEW.device IS NOT NULL
    UNION ALL SELECT 'badge', NEW.badge, object_key, object_id FROM object
    WHERE object_id = NEW.object_id AND NEW.badge IS NOT NULL
    UNION ALL SELECT 'quarantined', 'yes', object_key, object_id FROM object
    WHERE object_id = NEW.object_id AND NEW.quarantined;
END;

CREATE TRIGGER problem_has_facet AFTER INSERT ON problem
BEGIN
    INSERT OR IGNORE INTO recording_facet (facet, value, object_key, object_id)
    SELECT 'problem', NEW.code, b.object_key, b.object_id
    FROM observation o JOIN object b USING (object_id) WHERE o.observation_id = NEW.observation_id;
END;

-- Whose they are: the units below a unit, and their devices and officers.
CREATE INDEX unit_parent ON unit (parent);
CREATE INDEX device_unit ON device (unit);
CREATE INDEX officer_unit ON officer (unit);

-- The last event that changes what a month looks like. What people do with a judged month does not: a verdict must not
-- make the service load the month again.
CREATE INDEX event_of_evidence ON event (event_id) WHERE kind NOT IN
    ('frozen', 'drawn', 'round_act', 'seed', 'assigned', 'reviewed', 'visited', 'notice', 'return');

-- Whom a provider of OpenID Connect vouches for, and whose account that is. A provider and a subject together are one
-- person for good (OpenID Connect Core 1.0, section 5.7); names and addresses of mail change hands and decide nothing.
CREATE TABLE identity (
    -- As the provider calls itself, to the letter.
    issuer           TEXT NOT NULL CHECK (issuer <> ''),
    -- What it calls the person, to the letter.
    subject          TEXT NOT NULL CHECK (subject <> ''),
    -- The account; NULL while nobody said whose it is: who comes with it is not let in.
    user_id          INTEGER REFERENCES user_account (user_id),
    -- What the provider called the person when they came last, so that an administrator knows them; may be empty.
    name             TEXT NOT NULL,
    -- When they came first and last.
    first_seen_at_us INTEGER NOT NULL,
    last_seen_at_us  INTEGER NOT NULL CHECK (last_seen_at_us >= first_seen_at_us),
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_user ON identity (user_id) WHERE user_id IS NOT NULL;
