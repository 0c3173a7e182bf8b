-- State machines: a row begins in a state and goes from state to state only where its table of moves says so,
-- whichever way the write comes (P0E10). The moves stand as the trigger's argument, 'BEFORE>AFTER' each, with
-- nothing before the first; a test holds them to the tables in Python (visits/review/machines.py). The second
-- argument is the column; of a moment (`..._at`) the states are nothing and SET: once set, it is never taken away.

CREATE OR REPLACE FUNCTION refuse_move() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    col      text := coalesce(TG_ARGV[1], 'state');
    moment   boolean := col LIKE '%\_at';
    before   text := '';
    after    text;
BEGIN
    -- Never the whole row as jsonb: files lie in one of these tables.
    IF col = 'state' THEN
        after := NEW.state;
        IF TG_OP = 'UPDATE' THEN
            before := OLD.state;
        END IF;
    ELSE
        EXECUTE format('SELECT coalesce(($1).%I::text, $2)', col) INTO after USING NEW, '';
        IF TG_OP = 'UPDATE' THEN
            EXECUTE format('SELECT coalesce(($1).%I::text, $2)', col) INTO before USING OLD, '';
        END IF;
    END IF;
    IF moment THEN
        before := CASE before WHEN '' THEN '' ELSE 'SET' END;
        after := CASE after WHEN '' THEN '' ELSE 'SET' END;
    END IF;
    IF before <> after AND NOT (before || '>' || after) = ANY (string_to_array(TG_ARGV[0], ' ')) THEN
        RAISE EXCEPTION '% does not go from "%" to "%"', TG_TABLE_NAME, before, after USING ERRCODE = 'P0E10';
    END IF;
    RETURN NEW;
END
$$;

-- For migrations: let a table's column move only like this. Again is allowed.
DROP FUNCTION IF EXISTS moves_attach(regclass, text);
CREATE OR REPLACE FUNCTION moves_attach(target regclass, moves text, col text DEFAULT 'state') RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    named  text := CASE col WHEN 'state' THEN 'refuse_move' ELSE 'refuse_move_' || col END;
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE INSERT OR UPDATE ON %s'
                   ' FOR EACH ROW EXECUTE FUNCTION refuse_move(%L, %L)', named, target, moves, col);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', target, named);
END
$$;
REVOKE ALL ON FUNCTION moves_attach(regclass, text, text), refuse_move() FROM PUBLIC;
