-- For migrations: let the rows of a table go along when their subject changes its site, or their page its
-- subject. Every clinical row names its site and its subject, held together by composite foreign keys; these
-- become keys that follow (ON UPDATE CASCADE), so that one update of the subject, or of the page, moves all
-- that hangs on it, past rights that the application does not have. Their check can be put off to the end of
-- the transaction, since a page hangs on its subject and on its visit. Again is allowed.

CREATE OR REPLACE FUNCTION follow_attach(target regclass) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    one  record;
BEGIN
    FOR one IN
        SELECT conname, regexp_replace(pg_get_constraintdef(oid), '( NOT)? DEFERRABLE.*$', '') AS said
          FROM pg_constraint
         WHERE conrelid = target AND contype = 'f' AND cardinality(conkey) > 1 AND confupdtype <> 'c'
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s'
                       ' ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE',
                       target, one.conname, one.conname, one.said);
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION follow_attach(regclass) FROM PUBLIC;
