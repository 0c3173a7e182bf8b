-- The three database roles and the two databases. Run by a superuser, through psql, as often as one likes:
-- by defier/embedded.py for the embedded server, by docker-compose.yml as the init script of its server.
-- edc_owner owns everything and migrates; edc_app is the web and the workers; edc_read writes the exports.
\set ON_ERROR_STOP on
\getenv owner EDC_OWNER_PASSWORD
\getenv app EDC_APP_PASSWORD
\getenv read EDC_READ_PASSWORD

SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['edc_owner', 'edc_app', 'edc_read']) AS name
WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE edc_owner LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner';
ALTER ROLE edc_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'app'
    CONNECTION LIMIT 150;
ALTER ROLE edc_read LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'read'
    CONNECTION LIMIT 20;
ALTER ROLE edc_app SET statement_timeout = '30s';
ALTER ROLE edc_app SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE edc_read SET default_transaction_read_only = on;

SELECT format('CREATE DATABASE %I OWNER edc_owner', name) FROM unnest(ARRAY['defier', 'defier_demo']) AS name
WHERE NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = name) \gexec

SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', name),
       format('GRANT CONNECT ON DATABASE %I TO edc_app, edc_read', name)
FROM unnest(ARRAY['defier', 'defier_demo']) AS name \gexec
