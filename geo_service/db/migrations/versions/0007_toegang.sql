-- A third request role: it may open a session, look up a key and write to the log, and read nothing else.
GRANT USAGE ON SCHEMA intern TO bs_toegang;
