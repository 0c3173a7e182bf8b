-- For migrations: put a table under audit. Again is allowed, and renews the columns.

CREATE OR REPLACE FUNCTION audit_attach(target regclass, chain text, reason boolean) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    columns    text[];
    keys       text[];
    bare       text;
    site       text;
    subject    text;
    page       text;
    bytes      text;
    arguments  text;
BEGIN
    IF chain NOT IN ('subject', 'site', 'study') THEN
        RAISE EXCEPTION 'A chain is of a subject, of a site or of the study, not of %', chain;
    END IF;
    SELECT relname INTO bare FROM pg_class WHERE oid = target;
    SELECT array_agg(attname::text),
           coalesce(string_agg(attname::text, ',') FILTER (WHERE atttypid = 'bytea'::regtype), '')
      INTO columns, bytes
      FROM pg_attribute WHERE attrelid = target AND attnum > 0 AND NOT attisdropped;
    SELECT array_agg(a.attname::text ORDER BY k.place) INTO keys
      FROM pg_index i
      CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
     WHERE i.indrelid = target AND i.indisprimary;
    IF keys IS NULL THEN
        RAISE EXCEPTION 'The table % has no primary key', target;
    END IF;
    site := CASE WHEN bare = 'sites_site' THEN 'code' WHEN 'site_id' = ANY (columns) THEN 'site_id' ELSE '' END;
    subject := CASE WHEN bare = 'subjects_subject' THEN 'id'
                    WHEN 'subject_id' = ANY (columns) THEN 'subject_id' ELSE '' END;
    page := CASE WHEN bare = 'visits_page' THEN 'id' WHEN 'page_id' = ANY (columns) THEN 'page_id' ELSE '' END;
    IF (chain = 'subject' AND subject = '') OR (chain = 'site' AND site = '') THEN
        RAISE EXCEPTION 'The table % has no column that names its %', target, chain;
    END IF;
    SELECT string_agg(quote_literal(a), ', ' ORDER BY place) INTO arguments
      FROM unnest(ARRAY[chain, CASE WHEN reason THEN 't' ELSE 'f' END, site, subject, page, bytes] || keys)
      WITH ORDINALITY AS given (a, place);
    EXECUTE format('DROP TRIGGER IF EXISTS audit_row ON %s', target);
    EXECUTE format('DROP TRIGGER IF EXISTS audit_keep ON %s', target);
    EXECUTE format('CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON %s'
                   ' FOR EACH ROW EXECUTE FUNCTION audit_row(%s)', target, arguments);
    EXECUTE format('CREATE TRIGGER audit_keep BEFORE TRUNCATE ON %s'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()', target);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_row, ENABLE ALWAYS TRIGGER audit_keep', target);
    PERFORM public.sight_attach(target);  -- 090_sight.sql: and show its rows by their site
END
$$;
