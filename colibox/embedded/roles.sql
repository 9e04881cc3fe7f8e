-- The two roles and the database of the portal, for the embedded PostgreSQL and for docker-compose.yml alike.
-- Run by psql as the superuser; may be run again. The passwords come from the environment.
\set ON_ERROR_STOP on
\getenv owner_password COLIBOX_OWNER_PASSWORD
\getenv app_password COLIBOX_APP_PASSWORD

SELECT 'CREATE ROLE colibox_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'colibox_owner') \gexec
SELECT 'CREATE ROLE colibox_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'colibox_app') \gexec

-- The owner migrates. CREATEDB is for the test databases.
ALTER ROLE colibox_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
-- The serving role owns nothing, so row-level security always applies to it.
ALTER ROLE colibox_app LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';

-- In template1, so that every database made from it has them: the portal's and those of the tests.
\connect template1
ALTER DEFAULT PRIVILEGES FOR ROLE colibox_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO colibox_app;
ALTER DEFAULT PRIVILEGES FOR ROLE colibox_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO colibox_app;

SELECT 'CREATE DATABASE colibox OWNER colibox_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'colibox') \gexec
