-- The row trigger of every audited table.
-- Arguments: chain ('subject', 'site', 'study'), whether a change needs a reason ('t', 'f'), the columns that
-- hold site, subject and page ('' where there is none), the columns of bytes (joined by commas), of which the
-- trail keeps the digest only, then the columns of the primary key.

CREATE OR REPLACE FUNCTION audit_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    SET TimeZone = 'UTC'  -- a row as JSON shows instants in the session's zone
    SET enable_seqscan = off  -- see audit_append
AS $$
DECLARE
    o          jsonb;
    n          jsonb;
    r          jsonb;  -- the row that tells where the entry belongs
    was        jsonb;
    is_now     jsonb;
    row_key    text;
    a_site     text;
    a_subject  text;
    a_chain    text;
    bytes      text;
    digest     text;
    left_behind  text;  -- the chain of the subject that the row leaves
BEGIN
    IF TG_OP = 'UPDATE' AND NEW *= OLD THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        o := public.audit_said(TG_TABLE_NAME, to_jsonb(OLD));
        r := o;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        n := public.audit_said(TG_TABLE_NAME, to_jsonb(NEW));
        r := n;
    END IF;
    IF TG_ARGV[5] <> '' THEN
        FOREACH bytes IN ARRAY string_to_array(TG_ARGV[5], ',') LOOP
            IF TG_OP <> 'INSERT' THEN
                EXECUTE format('SELECT encode(sha256(($1).%I), ''hex'')', bytes) INTO digest USING OLD;
                o := o || jsonb_build_object(bytes, 'sha256:' || digest);
            END IF;
            IF TG_OP <> 'DELETE' THEN
                EXECUTE format('SELECT encode(sha256(($1).%I), ''hex'')', bytes) INTO digest USING NEW;
                n := n || jsonb_build_object(bytes, 'sha256:' || digest);
            END IF;
        END LOOP;
    END IF;
    IF TG_OP = 'INSERT' THEN
        is_now := n;
    ELSIF TG_OP = 'DELETE' THEN
        was := o;
        IF TG_ARGV[1] = 't' AND NOT public.audit_reasoned() THEN
            RAISE EXCEPTION 'A reason is needed to delete from %', TG_TABLE_NAME USING ERRCODE = 'P0E02';
        END IF;
    ELSE
        -- Compared as text: to jsonb 1.5 and 1.50 are equal, to the record they are not.
        SELECT jsonb_object_agg(e.key, o -> e.key), jsonb_object_agg(e.key, e.value)
          INTO was, is_now
          FROM jsonb_each(n) AS e
         WHERE e.value::text <> (o -> e.key)::text;
        IF was IS NULL THEN
            RETURN NULL;
        END IF;
        IF TG_ARGV[1] = 't' AND NOT public.audit_reasoned() AND public.audit_replaces(was, is_now) THEN
            RAISE EXCEPTION 'A reason is needed to change or clear a saved value of %', TG_TABLE_NAME
                USING ERRCODE = 'P0E02';
        END IF;
    END IF;
    a_site := r ->> TG_ARGV[2];
    a_subject := r ->> TG_ARGV[3];
    a_chain := CASE
        WHEN TG_ARGV[0] = 'subject' AND a_subject IS NOT NULL THEN 'subject:' || a_subject
        WHEN TG_ARGV[0] <> 'study' AND a_site IS NOT NULL THEN 'site:' || a_site
        ELSE 'study' END;
    IF TG_OP = 'UPDATE' AND TG_ARGV[0] = 'subject' THEN
        left_behind := 'subject:' || (o ->> TG_ARGV[3]);
    END IF;
    row_key := r ->> TG_ARGV[6];
    FOR i IN 7 .. TG_NARGS - 1 LOOP
        row_key := row_key || '/' || (r ->> TG_ARGV[i]);
    END LOOP;
    IF left_behind <> a_chain THEN
        -- A row that goes to another subject is told in both chains: each alone tells what its subject had.
        PERFORM public.audit_take(ARRAY[left_behind, a_chain]);
        PERFORM public.audit_append(
            left_behind, 'U', TG_TABLE_NAME::text, row_key, o ->> TG_ARGV[2], o ->> TG_ARGV[3],
            o ->> TG_ARGV[4], o ->> 'visit_id', o ->> 'form', o ->> 'ordinal', was, is_now);
    END IF;
    PERFORM public.audit_append(
        a_chain, left(TG_OP, 1)::"char", TG_TABLE_NAME::text, row_key, a_site, a_subject, r ->> TG_ARGV[4],
        r ->> 'visit_id', r ->> 'form', r ->> 'ordinal', was, is_now);
    RETURN NULL;
END
$$;

-- What a row says. The digest of a typed row (visits/sql/digest.sql) follows from the rest: nobody entered it.
-- The hash of a password is a secret that the trail could never forget: its digest tells that it changed, and
-- nobody can try passwords on it without the salt, which is in the hash.
CREATE OR REPLACE FUNCTION audit_said(target name, content jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE
        WHEN target LIKE 'crf\_%' THEN content - 'digest'
        WHEN target = 'sites_user' THEN content || jsonb_build_object(
            'password', 'sha256:' || encode(sha256(convert_to(content ->> 'password', 'UTF8')), 'hex'))
        ELSE content END
$$;

-- Whether a reason is declared; OTHER needs words.
CREATE OR REPLACE FUNCTION audit_reasoned() RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT CASE btrim(current_setting('edc.reason', true))
        WHEN '' THEN false
        WHEN 'OTHER' THEN coalesce(current_setting('edc.reason_text', true) ~ '[^[:space:]]', false)
        ELSE current_setting('edc.reason', true) IS NOT NULL END
$$;

-- Whether an update replaces or clears what was saved; a first answer does not. `raw`, what was typed, goes
-- with its item; `missing` is compared key by key.
CREATE OR REPLACE FUNCTION audit_replaces(was jsonb, is_now jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT EXISTS (
        SELECT 1 FROM jsonb_each(was) AS e
         WHERE e.key NOT IN ('raw', 'missing') AND e.value NOT IN ('null', '""', '[]', '{}'))
    OR EXISTS (
        SELECT 1 FROM jsonb_each(CASE jsonb_typeof(was -> 'missing') WHEN 'object' THEN was -> 'missing' END) AS e
         WHERE (is_now -> 'missing' -> e.key) IS DISTINCT FROM e.value)
$$;

-- TRUNCATE would empty a table without a row trigger; the trail itself is neither changed nor emptied.
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: history is kept', TG_OP, TG_TABLE_NAME USING ERRCODE = 'P0E03';
END
$$;

CREATE OR REPLACE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_keep;
CREATE OR REPLACE TRIGGER audit_keep BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_keep;
