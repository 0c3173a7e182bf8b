-- State machines: a row begins in a state and goes from state to state only where its table of moves says so,
-- whichever way the write comes (P0E10). The moves stand as the trigger's argument, 'BEFORE>AFTER' each, with
-- nothing before the first; a test holds them to the tables in Python (visits/review/machines.py).

CREATE OR REPLACE FUNCTION refuse_move() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    before  text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.state ELSE '' END;
BEGIN
    IF before <> NEW.state AND NOT (before || '>' || NEW.state) = ANY (string_to_array(TG_ARGV[0], ' ')) THEN
        RAISE EXCEPTION '% does not go from "%" to "%"', TG_TABLE_NAME, before, NEW.state USING ERRCODE = 'P0E10';
    END IF;
    RETURN NEW;
END
$$;

-- For migrations: let a table's column `state` move only like this. Again is allowed.
CREATE OR REPLACE FUNCTION moves_attach(target regclass, moves text) RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER refuse_move BEFORE INSERT OR UPDATE ON %s'
                   ' FOR EACH ROW EXECUTE FUNCTION refuse_move(%L)', target, moves);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_move', target);
END
$$;
REVOKE ALL ON FUNCTION moves_attach(regclass, text), refuse_move() FROM PUBLIC;
