-- What time it is: the server's, or the simulated one of a demonstration.
-- A session may name the time of what it records (edc.at) only where the clock is simulated.

CREATE FUNCTION edc_now() RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce(
        (SELECT coalesce(nullif(current_setting('edc.at', true), '')::timestamptz, clock_timestamp() + ahead)
           FROM public.audit_clock WHERE alone),
        clock_timestamp())
$$;

-- For the owner: make this database a demonstration whose clock shows `shown` now.
-- Never one that has recorded a subject under the real clock.
CREATE FUNCTION audit_simulate(shown timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM public.audit_entry WHERE clock = 'real' AND chain LIKE 'subject:%') THEN
        RAISE EXCEPTION 'This database has recorded a subject under the real clock' USING ERRCODE = 'P0E06';
    END IF;
    INSERT INTO public.audit_clock (ahead) VALUES (shown - clock_timestamp())
        ON CONFLICT (alone) DO UPDATE SET ahead = excluded.ahead;
END
$$;
