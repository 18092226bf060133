-- Searching that forgives spelling. A trusted extension: who may make a schema in this database may make it too.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
