-- Drone coverage: what a flight came to, and which sub-district an area lies in.

-- Sub-district (街镇) that the area belongs to; NULL where nobody said.
ALTER TABLE area ADD COLUMN sub_district TEXT CHECK (sub_district <> '');

-- flown; planned: it is to be flown, took_off_at_us and landed_at_us are the planned times; cancelled: the same,
-- and it will not be flown.
ALTER TABLE sortie ADD COLUMN status TEXT NOT NULL DEFAULT 'flown'
    CHECK (status IN ('flown', 'planned', 'cancelled'));

-- What a person wrote beside it, such as why it was cancelled; NULL where nothing is.
ALTER TABLE sortie ADD COLUMN note TEXT CHECK (note <> '');

-- A month's flights are looked up by their start.
CREATE INDEX sortie_took_off ON sortie (took_off_at_us);
