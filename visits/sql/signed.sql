-- What each page's last signature is worth today: valid while the page says what was signed, and stands where it
-- stood. Compared at every look, so that a change by whatever path breaks it in its own transaction, and a
-- change that is rolled back breaks nothing (SIG-05). A query is no part of a page and breaks nothing.
-- `addendum`: the page was taken over into a newer version of its form since; what was signed still stands.

CREATE OR REPLACE VIEW visits_signed WITH (security_invoker = true) AS
SELECT s.page_id, s.subject_id, s.site_id, p.visit_id, p.form, s.id AS signature_id, s.by_name, s.at,
       CASE WHEN s.act = 'WITHDRAW' THEN 'withdrawn'
            WHEN d.digest IS DISTINCT FROM s.digest OR p.removed OR p.visit_id IS DISTINCT FROM s.visit_id
                 OR (p.not_done, p.not_done_reason) IS DISTINCT FROM (s.not_done, s.not_done_reason) THEN 'broken'
            ELSE 'valid' END AS state,
       p.form_version <> s.form_version AS addendum
  FROM (SELECT DISTINCT ON (subject_id, page_id) * FROM visits_signature
         ORDER BY subject_id, page_id, ordinal DESC) s
  JOIN visits_page p ON p.id = s.page_id
  LEFT JOIN visits_digest d ON d.page_id = s.page_id;

GRANT SELECT ON visits_signed TO edc_app, edc_read;
REVOKE INSERT, UPDATE, DELETE ON visits_signed FROM edc_app;
