-- The digest of what a typed row says: SHA-256 over its form, its page, its subject and every column that holds
-- something, as canonical JSON (jsonb orders its keys; instants in UTC). The database computes it at every
-- write, so that no path, raw SQL included, changes a row and keeps its digest (SIG-02, SIG-05). Empty columns
-- are left out: an amendment that adds an item changes no digest. So is the site: a subject that goes to
-- another site takes its signatures along; a page that goes to another subject does not.

CREATE OR REPLACE FUNCTION digest_of(form text, content jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT encode(sha256(convert_to(
        form || ' ' || jsonb_strip_nulls(content - ARRAY['digest', 'site_id'])::text, 'UTF8')), 'hex')
$$;

CREATE OR REPLACE FUNCTION digest_row() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET TimeZone = 'UTC'
AS $$
BEGIN
    NEW.digest := public.digest_of(TG_TABLE_NAME, to_jsonb(NEW));
    RETURN NEW;
END
$$;

-- For migrations: give the rows of a form their digest. Again is allowed.
CREATE OR REPLACE FUNCTION digest_attach(target regclass) RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER digest_row BEFORE INSERT OR UPDATE ON %s'
                   ' FOR EACH ROW EXECUTE FUNCTION digest_row()', target);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER digest_row', target);
    -- Rows from before the digest: a digest is no content, so neither a lock nor the trail is asked.
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER refuse_locked, DISABLE TRIGGER audit_row', target);
    EXECUTE format('UPDATE %s SET digest = ''''', target);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_locked, ENABLE ALWAYS TRIGGER audit_row', target);
END
$$;
REVOKE ALL ON FUNCTION digest_attach(regclass), digest_row() FROM PUBLIC;
