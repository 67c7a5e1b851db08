-- Who may use the service: accounts, their sessions and API tokens, and the trail of what they did.
--
-- No password, session or token stands here as it is: of passwords an Argon2id string, of the others SHA-256.

CREATE TABLE user_account (
    user_id         INTEGER PRIMARY KEY,
    -- Lower case; never given to somebody else, because the trail speaks of it.
    login           TEXT NOT NULL UNIQUE CHECK (login <> '' AND login = lower(login)),
    -- As people write it.
    name            TEXT NOT NULL CHECK (name <> ''),
    role            TEXT NOT NULL CHECK (role IN
        ('administrator', 'supervisor', 'case_review', 'duty_office', 'squad', 'auditor')),
    -- The unit whose subtree the person sees; NULL: all units.
    unit            TEXT REFERENCES unit (code),
    -- The officer that the person is, for acts that a badge stands behind; NULL: no officer.
    badge           TEXT REFERENCES officer (badge),
    -- PHC string of Argon2id; NULL: no password was ever set, so nobody signs in with one.
    password_hash   TEXT CHECK (password_hash LIKE '$argon2id$%'),
    -- Attempts to sign in since the last that succeeded.
    failures        INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    -- Until when no attempt is looked at; NULL: none was refused for that.
    locked_until_us INTEGER,
    created_at_us   INTEGER NOT NULL,
    -- When the account was closed; NULL while it is open.
    disabled_at_us  INTEGER,
    -- A squad's account sees a unit, never everything.
    CHECK (role <> 'squad' OR unit IS NOT NULL)
) STRICT;

-- One officer, one account.
CREATE UNIQUE INDEX user_account_badge ON user_account (badge) WHERE badge IS NOT NULL;

CREATE TRIGGER user_account_no_delete BEFORE DELETE ON user_account
BEGIN SELECT RAISE(ABORT, 'an account is disabled, never deleted: the trail speaks of it'); END;

-- Signed-in browsers. Rows go when a session ends.
CREATE TABLE user_session (
    -- SHA-256 of the cookie's value, lower-case hexadecimal.
    token_sha256  TEXT NOT NULL PRIMARY KEY CHECK (length(token_sha256) = 64),
    user_id       INTEGER NOT NULL REFERENCES user_account (user_id),
    created_at_us INTEGER NOT NULL,
    -- When it was last used, to the minute.
    seen_at_us    INTEGER NOT NULL,
    -- When it ends whatever happens.
    ends_at_us    INTEGER NOT NULL CHECK (ends_at_us > created_at_us)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_session_user ON user_session (user_id);

-- What scripts sign in with. Rows stay, revoked or not.
CREATE TABLE api_token (
    api_token_id    INTEGER PRIMARY KEY,
    token_sha256    TEXT NOT NULL UNIQUE CHECK (length(token_sha256) = 64),
    user_id         INTEGER NOT NULL REFERENCES user_account (user_id),
    -- What it is for, in its owner's words.
    name            TEXT NOT NULL CHECK (name <> ''),
    scope           TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    created_at_us   INTEGER NOT NULL,
    ends_at_us      INTEGER NOT NULL CHECK (ends_at_us > created_at_us),
    -- NULL while it stands.
    revoked_at_us   INTEGER
) STRICT;

CREATE INDEX api_token_user ON api_token (user_id);

-- Every sight of footage, every sign-in and every write through the service. Only ever added: an administrator of
-- the service cannot edit it either.
CREATE TABLE access_trail (
    access_trail_id INTEGER PRIMARY KEY,
    at_us           INTEGER NOT NULL,
    -- NULL where nobody was signed in, or the login is nobody's.
    user_id         INTEGER REFERENCES user_account (user_id),
    -- Of the account then, or as it was tried; empty where none was given.
    login           TEXT NOT NULL,
    -- What was done: sign_in, view_media, add_excuse, …
    act             TEXT NOT NULL CHECK (act <> ''),
    -- To what: an object's key, a stage, a login; empty where the act says it all.
    subject         TEXT NOT NULL,
    -- asked: before it was done; done: in the transaction that did it; refused.
    outcome         TEXT NOT NULL CHECK (outcome IN ('asked', 'done', 'refused')),
    -- Particulars as a JSON object.
    detail_json     TEXT NOT NULL
) STRICT;

CREATE INDEX access_trail_user ON access_trail (user_id, access_trail_id);

CREATE TRIGGER access_trail_no_update BEFORE UPDATE ON access_trail
BEGIN SELECT RAISE(ABORT, 'the access trail is only ever added to'); END;
CREATE TRIGGER access_trail_no_delete BEFORE DELETE ON access_trail
BEGIN SELECT RAISE(ABORT, 'the access trail is only ever added to'); END;

-- Writes that came with an Idempotency-Key, and what was answered: asking again gives the same answer.
CREATE TABLE idempotency (
    user_id        INTEGER NOT NULL REFERENCES user_account (user_id),
    key            TEXT NOT NULL CHECK (key <> ''),
    -- SHA-256 of method, path and body: another request under the same key is refused.
    request_sha256 TEXT NOT NULL CHECK (length(request_sha256) = 64),
    at_us          INTEGER NOT NULL,
    -- HTTP status and body of the answer; NULL while the request is under way.
    status         INTEGER CHECK (status BETWEEN 100 AND 599),
    body           TEXT,
    CHECK ((status IS NULL) = (body IS NULL)),
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
