-- What the service's writes go by.

-- Keys and what was answered under them are kept for some days (the service says how many); this finds the old ones.
CREATE INDEX idempotency_at ON idempotency (at_us);

-- Objects that are to be read again though their store says that they did not change: their signature was taken away.
CREATE INDEX object_asked_again ON object (object_id) WHERE signature = '';
