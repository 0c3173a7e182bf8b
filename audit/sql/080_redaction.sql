-- For the owner, after two people have agreed: take a value that should never have been written (a name, a
-- telephone number) out of one entry. The entry keeps its digests and its hash, so the chain holds; its salt
-- goes, so that nobody can guess the value from the digest; and an event says what was done, by whom, and the
-- digest of what stands there now, against which verify checks the entry from then on.

CREATE FUNCTION audit_redact(a_chain text, a_n bigint, item text, second text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off  -- see audit_append
AS $$
DECLARE
    mark   jsonb := jsonb_build_object(item, '[redacted]');
    entry  public.audit_entry;
BEGIN
    IF btrim(second) = '' OR btrim(second) = btrim(current_setting('edc.actor', true)) THEN
        RAISE EXCEPTION 'A redaction needs two people' USING ERRCODE = 'P0E07';
    END IF;
    PERFORM public.audit_take_head(a_chain);
    ALTER TABLE public.audit_entry DISABLE TRIGGER audit_keep;
    UPDATE public.audit_entry
       SET old = CASE WHEN old ? item THEN old || mark ELSE old END,
           new = CASE WHEN new ? item THEN new || mark ELSE new END,
           salt = NULL
     WHERE chain = a_chain AND n = a_n AND (old ? item OR new ? item)
    RETURNING * INTO entry;
    ALTER TABLE public.audit_entry ENABLE ALWAYS TRIGGER audit_keep;
    IF entry.n IS NULL THEN
        RAISE EXCEPTION 'The entry % % has no %', a_chain, a_n, item USING ERRCODE = 'P0E07';
    END IF;
    PERFORM public.audit_append(
        a_chain, 'E'::"char", 'redaction', NULL, entry.site_id, entry.subject_id, entry.page_id, NULL, NULL, NULL,
        NULL,
        jsonb_build_object(
            'n', a_n, 'item', item, 'second', second, 'table', entry.table_name,
            'old', encode(sha256(convert_to(entry.old::text, 'UTF8')), 'hex'),
            'new', encode(sha256(convert_to(entry.new::text, 'UTF8')), 'hex')));
END
$$;

REVOKE ALL ON FUNCTION audit_redact(text, bigint, text, text) FROM PUBLIC;
