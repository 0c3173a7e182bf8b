-- After a load: what the planner knows of the tables. Until autovacuum comes round a table that was just
-- filled looks empty to it, and a list of the trail takes half a minute. ANALYZE is its owner's to run.

CREATE OR REPLACE FUNCTION audit_analyze() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    one  regclass;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('audit.analyze')) THEN
        RETURN;  -- somebody does it at this moment
    END IF;
    FOR one IN SELECT c.oid FROM pg_class c
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
                  AND c.relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user) ORDER BY c.relname LOOP
        EXECUTE format('ANALYZE %s', one);
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION audit_analyze() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_analyze() TO edc_app;
