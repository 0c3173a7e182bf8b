-- What is no write but belongs to the trail: logins, downloads, views.

CREATE FUNCTION audit_event(kind text, detail jsonb, subject text, site text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    SET TimeZone = 'UTC'
    SET enable_seqscan = off  -- see audit_append
AS $$
BEGIN
    PERFORM public.audit_append(
        CASE WHEN subject IS NOT NULL THEN 'subject:' || subject::uuid
             WHEN site IS NOT NULL THEN 'site:' || site ELSE 'study' END,
        'E'::"char", kind, NULL, site, subject, NULL, NULL, NULL, NULL, NULL, coalesce(detail, '{}'));
END
$$;
