-- Lists in another order than their own, without sorting what a city has. Each index is in the whole order of a list, what
-- tells equal entries apart included, so that a page goes on in the middle of it.

-- Recordings by start, length and size.
DROP INDEX observation_started;
CREATE INDEX observation_started ON observation (started_at_us, object_id);
CREATE INDEX observation_duration ON observation (duration_us, object_id);
CREATE INDEX observation_size ON observation (size_bytes, object_id);

-- Recordings by unit: its devices, of which the facets are in the order of keys already.
DROP INDEX device_unit;
CREATE INDEX device_unit ON device (unit, serial);

-- The trail by who and by what. Both are filters, too.
CREATE INDEX access_trail_login ON access_trail (login, access_trail_id);
CREATE INDEX access_trail_act ON access_trail (act, access_trail_id);
