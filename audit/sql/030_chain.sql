-- The chains: taking a head, and appending an entry behind it.

-- Take the head of a chain until the transaction ends. Heads are taken in ascending order only (P0E04), so
-- that two transactions never wait for each other. edc.chains names the last one taken.
CREATE FUNCTION audit_take_head(wanted text) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    mine   bigint := pg_current_xact_id()::text::bigint;
    last   text := current_setting('edc.chains', true);
BEGIN
    IF EXISTS (SELECT 1 FROM public.audit_head WHERE chain = wanted AND txid = mine) THEN
        RETURN;
    END IF;
    IF last > wanted COLLATE "C" THEN
        RAISE EXCEPTION 'The chain % must be taken before %', wanted, last USING ERRCODE = 'P0E04',
            HINT = 'Take every chain first: SELECT audit_take(ARRAY[...]), or take_chains() of audit.context.';
    END IF;
    LOOP
        UPDATE public.audit_head SET txid = mine WHERE chain = wanted;
        EXIT WHEN FOUND;
        INSERT INTO public.audit_head (chain, n, prev, hash, txid)
            VALUES (wanted, 0, '', sha256(convert_to(wanted, 'UTF8')), mine) ON CONFLICT DO NOTHING;
        EXIT WHEN FOUND;
    END LOOP;
    PERFORM set_config('edc.chains', wanted, true);
END
$$;

-- Take several heads, in order, before the first write of a transaction that writes several chains.
CREATE FUNCTION audit_take(wanted text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off  -- see audit_append
AS $$
DECLARE
    one  text;
BEGIN
    FOR one IN SELECT DISTINCT c COLLATE "C" FROM unnest(wanted) AS c ORDER BY 1 LOOP
        IF one !~ '^(study|site:[0-9A-Za-z_-]{1,20}|subject:[0-9a-f-]{36})$' THEN
            RAISE EXCEPTION 'No chain is called %', one USING ERRCODE = 'P0E04';
        END IF;
        PERFORM public.audit_take_head(one);
    END LOOP;
END
$$;

-- Append one entry: who and why from the session's declaration, when from edc_now().
-- Version 1: old_digest = SHA-256(salt, old as text), new_digest likewise;
-- hash = SHA-256(hash of the entry before, n as eight bytes, the other columns as a JSON array of strings).
-- The array, not the values, so that a redacted value keeps its digest and the chain holds.
-- Its callers switch sequential scans off: to a planner that saw audit_head empty, reading all of it looks
-- cheapest, and a session keeps that plan while a load fills the table.
CREATE FUNCTION audit_append(
    a_chain text, a_op "char", a_table text, a_key text, a_site text, a_subject text, a_page text,
    a_visit text, a_form text, a_ordinal text, a_old jsonb, a_new jsonb
) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    mine        bigint := pg_current_xact_id()::text::bigint;
    by_id       text := btrim(current_setting('edc.actor', true));
    by_name     text := btrim(current_setting('edc.name', true));
    by_role     text := btrim(current_setting('edc.role', true));
    by_site     text := nullif(current_setting('edc.site', true), '');
    by_origin   text := coalesce(nullif(current_setting('edc.origin', true), ''), 'sql');
    by_session  text := nullif(current_setting('edc.session', true), '');
    by_request  text := nullif(current_setting('edc.request', true), '');
    by_behalf   text := nullif(current_setting('edc.behalf', true), '');
    why_code    text := nullif(btrim(current_setting('edc.reason', true)), '');
    why_text    text := nullif(btrim(current_setting('edc.reason_text', true)), '');
    a_clock     text := CASE WHEN EXISTS (SELECT 1 FROM public.audit_clock WHERE alone) THEN 'simulated' ELSE 'real' END;
    a_salt      bytea := uuid_send(gen_random_uuid());
    a_od        bytea := sha256(a_salt || convert_to(a_old::text, 'UTF8'));
    a_nd        bytea := sha256(a_salt || convert_to(a_new::text, 'UTF8'));
    a_at        timestamptz;
    sealed      bytea;
    head        record;
BEGIN
    IF by_id <> '' AND by_name <> '' AND by_role <> '' THEN
        NULL;
    ELSE
        RAISE EXCEPTION 'Nobody is declared as the one who writes %', a_table USING ERRCODE = 'P0E01',
            HINT = 'Write inside acting(by=...) of audit.context.';
    END IF;
    LOOP
        a_at := CASE a_clock WHEN 'real' THEN clock_timestamp() ELSE public.edc_now() END;
        sealed := convert_to(to_jsonb(ARRAY[
            '1', a_chain, to_char(a_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), a_clock, mine::text,
            by_id, by_name, by_role, by_site, by_origin, by_session, by_request, by_behalf, why_code, why_text,
            a_op::text, a_table, a_key, a_site, a_subject, a_page, a_visit, a_form, a_ordinal,
            encode(a_od, 'hex'), encode(a_nd, 'hex')])::text, 'UTF8');
        UPDATE public.audit_head AS h
           SET n = h.n + 1, prev = h.hash, hash = sha256(h.hash || int8send(h.n + 1) || sealed)
         WHERE h.chain = a_chain AND h.txid = mine
        RETURNING h.n, h.prev, h.hash INTO head;
        EXIT WHEN FOUND;
        -- First entry of this chain in this transaction. The time is read again once the head is ours, so
        -- that the entries of a chain stand in the order of their times.
        PERFORM public.audit_take_head(a_chain);
    END LOOP;
    INSERT INTO public.audit_entry VALUES (
        a_chain, head.n, 1, a_at, a_clock, mine, by_id, by_name, by_role, by_site, by_origin, by_session,
        by_request, by_behalf, why_code, why_text, a_op, a_table, a_key, a_site, a_subject, a_page, a_visit,
        a_form, a_ordinal, a_old, a_new, a_salt, a_od, a_nd, head.prev, head.hash);
END
$$;
