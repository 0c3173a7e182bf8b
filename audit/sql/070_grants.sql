-- Who may do what: edc_app writes the study and reads the trail, edc_read reads.
-- What later migrations of this owner create is granted in the same way.

GRANT USAGE ON SCHEMA public TO edc_app, edc_read;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO edc_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO edc_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO edc_read;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO edc_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO edc_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO edc_read;

REVOKE ALL ON audit_entry, audit_head, audit_clock FROM PUBLIC, edc_app, edc_read;
GRANT SELECT ON audit_entry, audit_head, audit_clock TO edc_app, edc_read;

DO $$
BEGIN
    IF to_regclass('public.django_migrations') IS NOT NULL THEN
        REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM edc_app;
    END IF;
END
$$;

REVOKE ALL ON FUNCTION
    audit_take_head(text), audit_take(text[]), audit_event(text, jsonb, text, text), audit_row(), audit_refuse(),
    audit_append(text, "char", text, text, text, text, text, text, text, text, jsonb, jsonb),
    audit_attach(regclass, text, boolean), audit_simulate(timestamptz)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_take(text[]), audit_event(text, jsonb, text, text) TO edc_app;
