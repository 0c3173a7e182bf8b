-- The trail, the heads of its chains, and the clock of a demonstration database.
-- Written by the functions of this folder alone; no role that a process logs in as may change them.

CREATE TABLE audit_entry (
    chain          text COLLATE "C" NOT NULL,  -- 'site:07', 'study' or 'subject:<uuid>'
    n              bigint NOT NULL,            -- 1, 2, 3 ... within the chain
    version        smallint NOT NULL,          -- of the rule by which digests and hash are made
    at             timestamptz NOT NULL,
    clock          text NOT NULL CHECK (clock IN ('real', 'simulated')),
    txid           bigint NOT NULL,
    actor_id       text NOT NULL,
    actor_name     text NOT NULL,              -- as printed then
    actor_role     text NOT NULL,              -- as held then
    actor_site     text,
    origin         text NOT NULL,
    session        text,
    request_id     text,
    on_behalf_of   text,
    reason_code    text,
    reason_text    text,
    op             "char" NOT NULL CHECK (op IN ('I', 'U', 'D', 'E')),  -- E: an event, which is no write
    table_name     text NOT NULL,              -- of an event: its kind
    row_key        text,
    site_id        text,
    subject_id     text,
    page_id        text,
    visit_id       text,
    form           text,
    ordinal        text,
    old            jsonb,                      -- an update: the changed columns only
    new            jsonb,
    salt           bytea,
    old_digest     bytea,
    new_digest     bytea,
    prev_hash      bytea NOT NULL,
    hash           bytea NOT NULL,
    PRIMARY KEY (chain, n),
    CHECK (old_digest IS NOT NULL OR new_digest IS NOT NULL)
);
CREATE INDEX audit_entry_page ON audit_entry (page_id) WHERE page_id IS NOT NULL;
CREATE INDEX audit_entry_row ON audit_entry (row_key) WHERE page_id IS NULL AND row_key IS NOT NULL;
CREATE INDEX audit_entry_at ON audit_entry USING brin (at);
-- Values are compressed faster, and the trail read faster, than with the default.
ALTER TABLE audit_entry ALTER COLUMN old SET STORAGE EXTENDED, ALTER COLUMN new SET STORAGE EXTENDED;

-- One row per chain. Half of each block stays free, so that an update finds room beside the row (HOT).
CREATE TABLE audit_head (
    chain  text COLLATE "C" PRIMARY KEY,
    n      bigint NOT NULL,
    prev   bytea NOT NULL,
    hash   bytea NOT NULL,
    txid   bigint NOT NULL                     -- of the transaction that took the head last
) WITH (fillfactor = 50);

-- No row: the real clock. One row: how far the simulated clock of a demonstration is ahead of the real one.
CREATE TABLE audit_clock (
    alone  boolean PRIMARY KEY DEFAULT true CHECK (alone),
    ahead  interval NOT NULL
);
