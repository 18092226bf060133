-- What was released before was judged cell by cell and can give hidden counts away: it is decided anew as a whole.
DELETE FROM publiek.cijfer;
DELETE FROM publiek.vrijgave;

-- The lattice with its true counts, and who may see each of them. Decided as a whole, once per version of its counts.
CREATE TABLE intern.cijfer (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    jaar SMALLINT NOT NULL,
    niveau TEXT COLLATE "C" NOT NULL,
    gebied_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    categorie TEXT COLLATE "C" NOT NULL,
    periode TEXT COLLATE "C" NOT NULL,
    aantal INTEGER NOT NULL,
    openbaar BOOLEAN NOT NULL,
    dienst BOOLEAN NOT NULL,
    PRIMARY KEY (gemeente_code, bron, periode, niveau, categorie, gebied_code)
);

CREATE TABLE intern.besluit (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    periode TEXT COLLATE "C" NOT NULL,
    opzet TEXT NOT NULL,
    kenmerk TEXT NOT NULL,
    besloten_op TIMESTAMP WITH TIME ZONE NOT NULL,
    sinds TIMESTAMP WITH TIME ZONE NOT NULL,
    cellen INTEGER NOT NULL,
    verborgen INTEGER NOT NULL,
    verborgen_dienst INTEGER NOT NULL,
    seconden DOUBLE PRECISION NOT NULL,
    reden TEXT,
    PRIMARY KEY (gemeente_code, bron, periode)
);

DO $$
DECLARE
    tabel regclass;
BEGIN
    FOREACH tabel IN ARRAY ARRAY['intern.cijfer', 'intern.besluit']::regclass[] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tabel);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tabel);
        EXECUTE format('CREATE POLICY eigenaar ON %s TO %I USING (true) WITH CHECK (true)', tabel, current_user);
    END LOOP;
    CREATE TRIGGER wijziging AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON intern.cijfer
        FOR EACH STATEMENT EXECUTE FUNCTION publiek.noteer_wijziging();
END
$$;

-- What staff see of stadsdelen that are not theirs. Its owner reads the table; nobody else does.
CREATE VIEW intern.cijfer_dienst WITH (security_barrier) AS
SELECT gemeente_code, jaar, niveau, gebied_code, bron, categorie, periode,
    CASE WHEN dienst THEN aantal END AS aantal, CASE WHEN dienst THEN 'ok' ELSE 'onderdrukt' END AS status
FROM intern.cijfer
WHERE gemeente_code = (SELECT current_setting('buurtsignaal.gemeente', true));

GRANT SELECT ON intern.cijfer_dienst TO bs_dienst;
