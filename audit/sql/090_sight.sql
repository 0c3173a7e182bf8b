-- Row-level security by site (ACL-02): the database shows the rows of the sites that the transaction has
-- declared in edc.sites (codes with commas between; * is the whole study), and none where it has not. FORCE
-- holds the owner to it as well, whose connection declares the whole study. Foreign keys look past it, which
-- is why every clinical row points at its subject by (site, subject).

-- For migrations: show the rows of a table by their site. Again is allowed; a table without a site is left
-- alone, and so are those that are read to find out which sites somebody sees (EVERYWHERE of audit.exempt).
-- Rows of no site are of the study: everybody who has declared something reads them, the study writes them.
CREATE OR REPLACE FUNCTION sight_attach(target regclass) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    shown  text := $p$CASE coalesce(current_setting('edc.sites', true), '')
                      WHEN '*' THEN true WHEN '' THEN false
                      ELSE %s site_id::text = ANY (string_to_array(current_setting('edc.sites', true), ',')) END$p$;
BEGIN
    IF (SELECT relname FROM pg_class WHERE oid = target) IN ('sites_membership', 'sites_calendarfeed', 'audit_entry')
        OR NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = target AND attname = 'site_id' AND NOT attisdropped)
    THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('DROP POLICY IF EXISTS sight ON %s', target);
    EXECUTE format('CREATE POLICY sight ON %s USING (%s) WITH CHECK (%s)', target,
                   format(shown, 'site_id IS NULL OR'), format(shown, ''));
END
$$;

-- For migrations: all tables that stand, and the trail. An entry about a subject is shown where the subject
-- is followed now, since after a transfer the new site sees all of its history and the former site none; the
-- trail's own functions, which alone may write it, write whatever happens.
CREATE OR REPLACE FUNCTION sight_attach_all() RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM public.sight_attach(c.oid::regclass)
       FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p');
    ALTER TABLE public.audit_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    DROP POLICY IF EXISTS sight ON public.audit_entry;
    DROP POLICY IF EXISTS sight_write ON public.audit_entry;
    CREATE POLICY sight ON public.audit_entry USING (
        CASE coalesce(current_setting('edc.sites', true), '')
        WHEN '*' THEN true WHEN '' THEN false
        ELSE CASE WHEN subject_id IS NULL
             THEN site_id IS NULL OR site_id = ANY (string_to_array(current_setting('edc.sites', true), ','))
             ELSE EXISTS (SELECT 1 FROM public.subjects_subject AS s WHERE s.id = audit_entry.subject_id::uuid) END
        END);
    CREATE POLICY sight_write ON public.audit_entry FOR INSERT WITH CHECK (true);
END
$$;

REVOKE ALL ON FUNCTION sight_attach(regclass), sight_attach_all() FROM PUBLIC;
