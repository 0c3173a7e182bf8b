-- Locks: nothing under a standing lock is written, whichever way the write comes (LCK-01, SQLSTATE P0E05).
--
-- One winner between a save and a lock (LCK-04). Every write of a locked-able row first takes, until its
-- transaction ends, a share of the study's door (an advisory lock) and a key share of its subject's row, and
-- then looks for a standing lock. A lock first takes the same thing whole: of the study the door, of a subject
-- or a page the subject's row, FOR UPDATE as save_pages does. So a lock waits for every write that has looked
-- before it, and every later write waits for the lock and then sees it. Taking the rows of all subjects
-- instead of the door would write to each of them and would miss subjects that are being added.
--
-- The same look at the subject's row refuses every write for a subject that was voided (P0E08), but for the
-- write of the row itself, which voids and restores it.

CREATE OR REPLACE FUNCTION lock_refuses(op text, target text, a_subject uuid, a_page uuid) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    voided  timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('visits.lock'));
    SELECT voided_at INTO voided FROM public.subjects_subject WHERE id = a_subject FOR KEY SHARE;
    IF voided IS NOT NULL AND target <> 'subjects_subject' THEN
        RAISE EXCEPTION '% of % is refused: its subject is voided', op, target USING ERRCODE = 'P0E08';
    END IF;
    IF EXISTS (
        SELECT 1 FROM public.visits_lock
         WHERE released_at IS NULL
           AND (level = 'study' OR (subject_id = a_subject AND (level = 'subject' OR page_id = a_page))))
    THEN
        RAISE EXCEPTION '% of % is refused: it is locked', op, target USING ERRCODE = 'P0E05';
    END IF;
END
$$;

-- The page of a row: its own id, its page_id, for a step that of its query; visits and subjects have none.
CREATE OR REPLACE FUNCTION refuse_locked() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    was_subject  uuid;
    was_page     uuid;
    a_subject    uuid;
    a_page       uuid;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        IF TG_ARGV[0] = 'subject' THEN
            was_subject := OLD.id;
        ELSE
            was_subject := OLD.subject_id;
        END IF;
        IF TG_ARGV[0] = 'page' THEN
            was_page := OLD.id;
        ELSIF TG_ARGV[0] = 'row' THEN
            was_page := OLD.page_id;
        ELSIF TG_ARGV[0] = 'step' THEN
            SELECT page_id INTO was_page FROM public.visits_query WHERE id = OLD.query_id;
        END IF;
        PERFORM public.lock_refuses(TG_OP, TG_TABLE_NAME, was_subject, was_page);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF TG_ARGV[0] = 'subject' THEN
        a_subject := NEW.id;
    ELSE
        a_subject := NEW.subject_id;
    END IF;
    IF TG_ARGV[0] = 'page' THEN
        a_page := NEW.id;
    ELSIF TG_ARGV[0] = 'row' THEN
        a_page := NEW.page_id;
    ELSIF TG_ARGV[0] = 'step' THEN
        SELECT page_id INTO a_page FROM public.visits_query WHERE id = NEW.query_id;
    END IF;
    IF (a_subject, a_page) IS DISTINCT FROM (was_subject, was_page) THEN
        PERFORM public.lock_refuses(TG_OP, TG_TABLE_NAME, a_subject, a_page);
    END IF;
    RETURN NEW;
END
$$;

-- For migrations: let the locks watch over a table, and let its rows follow their page and their subject
-- (follow_attach, subjects/sql). Again is allowed.
CREATE OR REPLACE FUNCTION lock_attach(target regclass) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    bare  text;
BEGIN
    SELECT relname INTO bare FROM pg_class WHERE oid = target;
    EXECUTE format('DROP TRIGGER IF EXISTS refuse_locked ON %s', target);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER refuse_locked BEFORE INSERT OR UPDATE OR DELETE ON %s'
        ' FOR EACH ROW EXECUTE FUNCTION refuse_locked(%L)', target,
        CASE bare WHEN 'subjects_subject' THEN 'subject' WHEN 'visits_page' THEN 'page'
                  WHEN 'visits_visit' THEN 'visit' WHEN 'visits_querystep' THEN 'step' ELSE 'row' END);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_locked', target);
    IF to_regprocedure('follow_attach(regclass)') IS NOT NULL THEN  -- comes with visits 0005
        PERFORM follow_attach(target);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION lock_closes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.level = 'study' THEN
        PERFORM pg_advisory_xact_lock(hashtext('visits.lock'));
    ELSE
        PERFORM 1 FROM public.subjects_subject WHERE id = NEW.subject_id FOR UPDATE;
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER lock_closes BEFORE INSERT ON visits_lock FOR EACH ROW EXECUTE FUNCTION lock_closes();
ALTER TABLE visits_lock ENABLE ALWAYS TRIGGER lock_closes;

REVOKE ALL ON FUNCTION lock_refuses(text, text, uuid, uuid), refuse_locked(), lock_attach(regclass), lock_closes() FROM PUBLIC;
