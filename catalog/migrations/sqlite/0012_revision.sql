-- How late the catalog's last event is, is asked for at every question to a month: a service that keeps audited
-- months learns from it, and from the number of the last event, whether they are still what the catalog says.
CREATE INDEX event_at ON event (at_us);
