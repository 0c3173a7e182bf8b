-- Locks: nothing under a standing lock is written, whichever way the write comes (LCK-01, SQLSTATE P0E05);
-- no value under a standing freeze, but of items with an open query (P0E09).
--
-- One winner between a save and a lock (LCK-04). Every write of a locked-able row first takes, until its
-- transaction ends, a share of the study's door (an advisory lock) and a key share of its subject's row, and
-- then looks for a standing lock. A lock first takes the same thing whole: of the study or a site the door, of
-- a subject or less the subject's row, FOR UPDATE as save_pages does. So a lock waits for every write that has
-- looked before it, and every later write waits for the lock and then sees it. Taking the rows of all subjects
-- instead of the door would write to each of them and would miss subjects that are being added.
--
-- The same look at the subject's row refuses every write for a subject that was voided (P0E08), but for the
-- write of the row itself, which voids and restores it.
--
-- An unlock that was granted opens what it names until its time is over; nothing has to run for it to end.
--
-- `touched` are the items that a write changes: '*' for the whole row, none for the counts kept on a page.
-- `data` says whether the row holds what was collected, which is all that a freeze is about.

DROP FUNCTION IF EXISTS lock_refuses(text, text, uuid, uuid);

-- Pass the door, and say whether any lock may concern this subject; without one nothing more is looked at.
CREATE OR REPLACE FUNCTION lock_door(op text, target text, a_subject uuid) RETURNS boolean
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
    RETURN EXISTS (
        SELECT 1 FROM public.visits_lock
         WHERE released_at IS NULL AND (level IN ('study', 'site') OR subject_id = a_subject));
END
$$;

CREATE OR REPLACE FUNCTION lock_refuses(
    op text, target text, a_site text, a_subject uuid, a_visit uuid, a_page uuid, touched text[], data boolean
) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    of_visit  uuid := coalesce(a_visit, (SELECT visit_id FROM public.visits_page WHERE id = a_page));
    opened    text[];  -- the items that unlocks of items open on this page
    asked     text[];  -- the items with an open query on this page
    held      record;
BEGIN
    IF EXISTS (
        SELECT 1 FROM public.visits_unlock u
         WHERE u.state = 'GRANTED' AND u.until > public.edc_now() AND u.subject_id = a_subject
           AND (u.level = 'subject' OR (u.level = 'visit' AND u.visit_id = of_visit)
                OR (u.level = 'page' AND u.page_id = a_page)))
    THEN
        RETURN;
    END IF;
    opened := ARRAY(
        SELECT u.item::text FROM public.visits_unlock u
         WHERE u.state = 'GRANTED' AND u.until > public.edc_now() AND u.subject_id = a_subject
           AND u.level = 'item' AND u.page_id = a_page);
    FOR held IN
        SELECT l.kind, l.level, l.item FROM public.visits_lock l
         WHERE l.released_at IS NULL
           AND (l.level = 'study' OR (l.level = 'site' AND l.site_id = a_site)
                OR (l.subject_id = a_subject
                    AND (l.level = 'subject' OR (l.level = 'visit' AND l.visit_id = of_visit)
                         OR (l.level IN ('page', 'item') AND l.page_id = a_page))))
    LOOP
        CONTINUE WHEN held.level = 'item' AND NOT (touched && ARRAY[held.item::text, '*']);
        CONTINUE WHEN cardinality(opened) > 0 AND touched <@ opened;
        IF held.kind = 'locked' THEN
            RAISE EXCEPTION '% of % is refused: it is locked', op, target USING ERRCODE = 'P0E05';
        END IF;
        CONTINUE WHEN NOT data;
        asked := ARRAY(
            SELECT DISTINCT unnest(q.items)::text FROM public.visits_query q
             WHERE q.page_id = a_page AND q.state = 'OPEN');
        IF NOT touched <@ (asked || opened) THEN
            RAISE EXCEPTION '% of % is refused: it is frozen', op, target USING ERRCODE = 'P0E09';
        END IF;
    END LOOP;
END
$$;

-- The items that an update of a typed row changes, with those whose reason or typed text changes.
CREATE OR REPLACE FUNCTION items_changed(was jsonb, now_is jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(array_agg(DISTINCT CASE WHEN e.key IN ('page_id', 'subject_id') THEN '*' ELSE e.key END), '{}')
      FROM (
        SELECT key, value FROM jsonb_each(now_is - ARRAY['site_id', 'digest', 'missing', 'raw'])
        EXCEPT SELECT key, value FROM jsonb_each(was - ARRAY['site_id', 'digest', 'missing', 'raw'])
        UNION ALL
        SELECT coalesce(n.key, o.key), n.value
          FROM jsonb_each(coalesce(now_is -> 'missing', '{}')) n
          FULL JOIN jsonb_each(coalesce(was -> 'missing', '{}')) o ON o.key = n.key
         WHERE n.value IS DISTINCT FROM o.value
        UNION ALL
        SELECT coalesce(n.key, o.key), n.value
          FROM jsonb_each(coalesce(now_is -> 'raw', '{}')) n
          FULL JOIN jsonb_each(coalesce(was -> 'raw', '{}')) o ON o.key = n.key
         WHERE n.value IS DISTINCT FROM o.value) e
$$;

-- What a write touches, by the kind of its table.
CREATE OR REPLACE FUNCTION lock_touches(kind text, op text, was jsonb, now_is jsonb) RETURNS text[]
    LANGUAGE plpgsql
AS $$
DECLARE
    counted  text[] := ARRAY['revision', 'unanswered', 'contradicted', 'site_id'];
    named    text[];
BEGIN
    IF kind = 'crf' AND op = 'UPDATE' THEN
        RETURN public.items_changed(was, now_is);
    ELSIF kind = 'page' AND op = 'UPDATE' AND was - counted = now_is - counted THEN
        RETURN '{}';
    ELSIF kind = 'query' THEN
        IF was -> 'items' <> now_is -> 'items' THEN  -- turned to other items: of the whole page
            RETURN ARRAY['*'];
        END IF;
        named := ARRAY(SELECT jsonb_array_elements_text(coalesce(now_is, was) -> 'items'));
    ELSIF kind = 'step' THEN
        SELECT items INTO named FROM public.visits_query
         WHERE id = (coalesce(now_is, was) ->> 'query_id')::uuid;
    ELSIF kind = 'note' THEN
        named := ARRAY[coalesce(now_is, was) ->> 'item'];
    ELSIF kind = 'item' THEN  -- the item that it is about, and the one that it was about
        RETURN ARRAY(SELECT coalesce(nullif(one ->> 'item', ''), '*')
                       FROM unnest(ARRAY[was, now_is]) AS one WHERE one IS NOT NULL);
    END IF;
    RETURN CASE WHEN cardinality(named) > 0 AND named[1] <> '' THEN named ELSE ARRAY['*'] END;
END
$$;

-- The page of a row: its own id, its page_id, for a step that of its query; visits and subjects have none.
CREATE OR REPLACE FUNCTION refuse_locked() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    kind      text := TG_ARGV[0];
    was_of    uuid;
    is_of     uuid;
    any_lock  boolean := false;
    was       jsonb;
    now_is    jsonb;
    touched   text[];
    one       jsonb;
    place     text;
    before    text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        IF kind = 'subject' THEN
            was_of := OLD.id;
        ELSE
            was_of := OLD.subject_id;
        END IF;
        any_lock := public.lock_door(TG_OP, TG_TABLE_NAME, was_of);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        IF kind = 'subject' THEN
            is_of := NEW.id;
        ELSE
            is_of := NEW.subject_id;
        END IF;
        IF is_of IS DISTINCT FROM was_of THEN
            any_lock := public.lock_door(TG_OP, TG_TABLE_NAME, is_of) OR any_lock;
        END IF;
    END IF;
    IF any_lock THEN
        was := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
        now_is := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
        touched := public.lock_touches(kind, TG_OP, was, now_is);
        FOREACH one IN ARRAY ARRAY[was, now_is] LOOP
            CONTINUE WHEN one IS NULL;
            place := concat_ws(' ', one ->> 'site_id', one ->> 'subject_id', one ->> 'visit_id', one ->> 'page_id');
            CONTINUE WHEN place = before;
            before := place;
            PERFORM public.lock_refuses(
                TG_OP, TG_TABLE_NAME, one ->> 'site_id',
                (one ->> CASE kind WHEN 'subject' THEN 'id' ELSE 'subject_id' END)::uuid,
                (one ->> CASE kind WHEN 'visit' THEN 'id' WHEN 'page' THEN 'visit_id' END)::uuid,
                CASE WHEN kind = 'step' THEN
                         (SELECT page_id FROM public.visits_query WHERE id = (one ->> 'query_id')::uuid)
                     WHEN kind = 'page' THEN (one ->> 'id')::uuid
                     WHEN kind NOT IN ('subject', 'visit') THEN (one ->> 'page_id')::uuid END,
                touched, kind IN ('subject', 'visit', 'page', 'crf'));
        END LOOP;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
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
        CASE WHEN bare = 'subjects_subject' THEN 'subject' WHEN bare = 'visits_page' THEN 'page'
             WHEN bare = 'visits_visit' THEN 'visit' WHEN bare = 'visits_query' THEN 'query'
             WHEN bare = 'visits_querystep' THEN 'step' WHEN bare = 'visits_note' THEN 'note'
             WHEN bare IN ('visits_verification', 'visits_coding') THEN 'item'
             WHEN bare LIKE 'crf\_%' THEN 'crf' ELSE 'row' END);
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
    IF NEW.level IN ('study', 'site') THEN
        PERFORM pg_advisory_xact_lock(hashtext('visits.lock'));
    ELSE
        PERFORM 1 FROM public.subjects_subject WHERE id = NEW.subject_id FOR UPDATE;
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER lock_closes BEFORE INSERT ON visits_lock FOR EACH ROW EXECUTE FUNCTION lock_closes();
ALTER TABLE visits_lock ENABLE ALWAYS TRIGGER lock_closes;

REVOKE ALL ON FUNCTION
    lock_door(text, text, uuid), lock_refuses(text, text, text, uuid, uuid, uuid, text[], boolean), items_changed(jsonb, jsonb),
    lock_touches(text, text, jsonb, jsonb), refuse_locked(), lock_attach(regclass), lock_closes() FROM PUBLIC;
