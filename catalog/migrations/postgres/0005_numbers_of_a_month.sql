-- The numbers of a month's observations come from the index alone: where a month is a small part of all there is, the table
-- would be walked for them.
DROP INDEX observation_started;
CREATE INDEX observation_started ON observation (started_at_us, object_id) INCLUDE (observation_id);
