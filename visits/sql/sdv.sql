-- What is stored of one item of a typed row, as a verification keeps it: its value; {"missing": reason} where a
-- reason stands in for it; NULL where it is blank. Verifications are compared with it (design 3.9).

CREATE OR REPLACE FUNCTION sdv_stored(content jsonb, item text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN jsonb_typeof(content -> item) <> 'null' THEN content -> item
        WHEN content -> 'missing' ? item THEN jsonb_build_object('missing', content -> 'missing' -> item)
    END
$$;

-- Whether a subject belongs to the sample of a plan: its number between 0 and 100, drawn from the seed alone,
-- lies under the sample's percentage. The same in Python: visits.review.sdv.plan.draw.
CREATE OR REPLACE FUNCTION sdv_draw(seed text, usubjid text) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT ('x' || substr(encode(sha256(convert_to(seed || ':' || usubjid, 'UTF8')), 'hex'), 1, 8))::bit(32)::bigint
           * 100.0::double precision / 4294967296.0::double precision
$$;
