-- What people do with a drawn sampling round, and how often complaints were made.

-- One act on a drawn round: a redraw, a skip, a substitution, extra ones. Only ever added: the draw itself
-- never changes, and who decided what, and why, stays.
CREATE TABLE round_act (
    round_act_id INTEGER PRIMARY KEY,
    round_id     TEXT NOT NULL REFERENCES round_draw (round_id),
    kind         TEXT NOT NULL CHECK (kind IN ('redraw', 'skip', 'substitute', 'extra')),
    at_us        INTEGER NOT NULL,
    who          TEXT NOT NULL CHECK (who <> ''),
    why          TEXT NOT NULL CHECK (why <> ''),
    -- The item that is skipped or substituted, the unit of extra ones; empty of a redraw.
    item         TEXT NOT NULL,
    -- The items that are looked at because of it, as a JSON list of names.
    taken_json   TEXT NOT NULL,
    -- Of a redraw: the seed and the draw it made; NULL of other acts.
    seed         TEXT CHECK (seed <> ''),
    draw_json    TEXT,
    CHECK ((kind = 'redraw') = (seed IS NOT NULL)),
    CHECK ((kind = 'redraw') = (draw_json IS NOT NULL))
) STRICT;

CREATE INDEX round_act_round ON round_act (round_id, round_act_id);

CREATE TRIGGER round_act_no_update BEFORE UPDATE ON round_act
BEGIN SELECT RAISE(ABORT, 'acts on a round are only ever added'); END;
CREATE TRIGGER round_act_no_delete BEFORE DELETE ON round_act
BEGIN SELECT RAISE(ABORT, 'acts on a round are only ever added'); END;

-- How often a complaint or petition was made, 1 where there is no row. Imported, and corrected by import.
CREATE TABLE complaint (
    case_no TEXT NOT NULL PRIMARY KEY REFERENCES enforcement_case (case_no),
    repeats INTEGER NOT NULL CHECK (repeats >= 1)
) STRICT, WITHOUT ROWID;
