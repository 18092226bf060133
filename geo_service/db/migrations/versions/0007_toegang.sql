-- A third request role: it may open a session, look up a key and write to the log, and read nothing else.
GRANT USAGE ON SCHEMA intern TO bs_toegang;

CREATE TABLE intern.sessie (
    nummer BIGINT GENERATED ALWAYS AS IDENTITY,
    sessie_hash BYTEA NOT NULL,
    kijker TEXT COLLATE "C" NOT NULL,
    rol TEXT COLLATE "C" NOT NULL,
    gemeente_code TEXT COLLATE "C",
    stadsdelen TEXT[] NOT NULL,
    begonnen_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    gebruikt_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    eindigt_op TIMESTAMP WITH TIME ZONE NOT NULL,
    stil_seconden INTEGER NOT NULL,
    PRIMARY KEY (nummer)
);

CREATE UNIQUE INDEX sessie_hash ON intern.sessie (sessie_hash);

CREATE TABLE intern.api_sleutel (
    sleutel_id TEXT COLLATE "C" NOT NULL,
    sleutel_hash BYTEA NOT NULL,
    naam TEXT NOT NULL,
    rol TEXT COLLATE "C" NOT NULL CHECK (rol IN ('onderzoeker', 'wijkregisseur', 'stadsdeelmanager')),
    gemeente_code TEXT COLLATE "C",
    stadsdelen TEXT[] NOT NULL,
    gemaakt_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    eindigt_op TIMESTAMP WITH TIME ZONE NOT NULL,
    ingetrokken_op TIMESTAMP WITH TIME ZONE,
    gebruikt_op DATE,
    PRIMARY KEY (sleutel_id)
);

-- No rights on the tables: whoever has the role can look up what they already know, and list nothing.

CREATE FUNCTION intern.sessie_tot(s intern.sessie) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT least(s.eindigt_op, s.gebruikt_op + pg_catalog.make_interval(secs => s.stil_seconden))
$$;

CREATE FUNCTION intern.open_sessie(
    nieuwe_hash bytea, van_kijker text, met_rol text, in_gemeente text, met_stadsdelen text[], duur integer, stil integer
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    DELETE FROM intern.sessie s WHERE intern.sessie_tot(s) <= pg_catalog.now();
    INSERT INTO intern.sessie (sessie_hash, kijker, rol, gemeente_code, stadsdelen, eindigt_op, stil_seconden)
    VALUES (nieuwe_hash, van_kijker, met_rol, in_gemeente, met_stadsdelen,
        pg_catalog.now() + pg_catalog.make_interval(secs => duur), stil);
$$;

-- That a session is in use is noted once a minute at most; a look is otherwise no write.
CREATE FUNCTION intern.zoek_sessie(gezochte_hash bytea)
RETURNS TABLE (kijker text, rol text, gemeente_code text, stadsdelen text[], begonnen_op timestamptz, tot timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE intern.sessie s SET gebruikt_op = pg_catalog.now()
    WHERE s.sessie_hash = gezochte_hash AND intern.sessie_tot(s) > pg_catalog.now()
      AND s.gebruikt_op < pg_catalog.now() - least(interval '1 minute', pg_catalog.make_interval(secs => s.stil_seconden / 4));
    SELECT s.kijker, s.rol, s.gemeente_code, s.stadsdelen, s.begonnen_op, intern.sessie_tot(s)
    FROM intern.sessie s WHERE s.sessie_hash = gezochte_hash AND intern.sessie_tot(s) > pg_catalog.now();
$$;

CREATE FUNCTION intern.sluit_sessie(gezochte_hash bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    DELETE FROM intern.sessie s WHERE s.sessie_hash = gezochte_hash;
$$;

CREATE FUNCTION intern.zoek_sleutel(gezochte_id text)
RETURNS TABLE (sleutel_hash bytea, rol text, gemeente_code text, stadsdelen text[], tot timestamptz, vandaag_gebruikt boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT k.sleutel_hash, k.rol, k.gemeente_code, k.stadsdelen, k.eindigt_op,
        k.gebruikt_op IS NOT DISTINCT FROM current_date
    FROM intern.api_sleutel k
    WHERE k.sleutel_id = gezochte_id AND k.ingetrokken_op IS NULL AND k.eindigt_op > pg_catalog.now();
$$;

CREATE FUNCTION intern.noteer_sleutel(gebruikte_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE intern.api_sleutel k SET gebruikt_op = current_date WHERE k.sleutel_id = gebruikte_id;
$$;

DO $$
DECLARE
    functie regprocedure;
BEGIN
    FOREACH functie IN ARRAY ARRAY[
        'intern.open_sessie(bytea, text, text, text, text[], integer, integer)', 'intern.zoek_sessie(bytea)',
        'intern.sluit_sessie(bytea)', 'intern.zoek_sleutel(text)', 'intern.noteer_sleutel(text)'
    ]::regprocedure[] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', functie);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO bs_toegang', functie);
    END LOOP;
END
$$;
