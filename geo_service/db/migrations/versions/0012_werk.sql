-- What staff write down for each other and keep for themselves. A request writes here as bs_werk, in the scope of its
-- viewer: the policies decide, not the page. Of figures this role reads nothing. Who wrote is a mark that only the service can make of a person.
CREATE FUNCTION intern.eigen_medewerker() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE SET search_path = '' AS
    $$ SELECT nullif(pg_catalog.current_setting('buurtsignaal.medewerker', true), '') $$;
REVOKE ALL ON FUNCTION intern.eigen_medewerker() FROM PUBLIC;
GRANT USAGE ON SCHEMA intern, publiek TO bs_werk;
GRANT SELECT ON publiek.indeling TO bs_werk;
GRANT EXECUTE ON FUNCTION intern.eigen_medewerker(), intern.eigen_gemeente(), intern.hele_gemeente(),
    intern.eigen_stadsdelen(), intern.eigen_buurten(), intern.eigen_gebieden() TO bs_werk;

CREATE TABLE intern.notitie (
    nummer BIGINT GENERATED ALWAYS AS IDENTITY,
    gemeente_code TEXT COLLATE "C" NOT NULL,
    gebied_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C",
    periode TEXT COLLATE "C",
    oordeel TEXT COLLATE "C" NOT NULL CHECK (oordeel IN ('klopt', 'klopt_niet', 'uitleg')),
    tekst TEXT NOT NULL CHECK (length(tekst) BETWEEN 1 AND 500),
    medewerker TEXT COLLATE "C" NOT NULL,
    rol TEXT COLLATE "C" NOT NULL,
    geschreven_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    gewijzigd_op TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (nummer),
    CHECK ((bron IS NULL) = (periode IS NULL))
);

CREATE INDEX notitie_gebied ON intern.notitie (gemeente_code, gebied_code);

CREATE TABLE intern.weergave (
    nummer BIGINT GENERATED ALWAYS AS IDENTITY,
    medewerker TEXT COLLATE "C" NOT NULL,
    naam TEXT NOT NULL CHECK (length(naam) BETWEEN 1 AND 60),
    adres TEXT NOT NULL CHECK (length(adres) <= 1000),
    bewaard_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (nummer)
);

CREATE UNIQUE INDEX weergave_naam ON intern.weergave (medewerker, naam);

-- gezien_op: the visit that goes on, or the last one; vorige_op: the one before it. gezien and vorige: the last period that
-- each source had then, by source.
CREATE TABLE intern.laatste_bezoek (
    medewerker TEXT COLLATE "C" NOT NULL,
    gezien_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    gezien JSONB DEFAULT '{}' NOT NULL,
    vorige_op TIMESTAMP WITH TIME ZONE,
    vorige JSONB,
    PRIMARY KEY (medewerker)
);

SELECT intern.beveilig(tabel) FROM unnest(ARRAY['intern.notitie', 'intern.weergave', 'intern.laatste_bezoek']::regclass[]) AS tabel;

-- Colleagues of the area read; who wrote may change or remove, for as long as the area is theirs.
CREATE POLICY eigen_gebieden ON intern.notitie FOR SELECT TO bs_werk USING (
    gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente()) OR gebied_code IN (SELECT unnest(intern.eigen_gebieden())))
);
CREATE POLICY schrijven ON intern.notitie FOR INSERT TO bs_werk WITH CHECK (
    medewerker = (SELECT intern.eigen_medewerker()) AND gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente()) OR gebied_code IN (SELECT unnest(intern.eigen_gebieden())))
);
CREATE POLICY wijzigen ON intern.notitie FOR UPDATE TO bs_werk
    USING (medewerker = (SELECT intern.eigen_medewerker())) WITH CHECK (medewerker = (SELECT intern.eigen_medewerker()));
CREATE POLICY verwijderen ON intern.notitie FOR DELETE TO bs_werk
    USING (medewerker = (SELECT intern.eigen_medewerker()));
GRANT SELECT, INSERT (gemeente_code, gebied_code, bron, periode, oordeel, tekst, medewerker, rol),
    UPDATE (oordeel, tekst, gewijzigd_op), DELETE ON intern.notitie TO bs_werk;

CREATE POLICY eigen ON intern.weergave TO bs_werk
    USING (medewerker = (SELECT intern.eigen_medewerker())) WITH CHECK (medewerker = (SELECT intern.eigen_medewerker()));
GRANT SELECT, INSERT (medewerker, naam, adres), UPDATE (adres, bewaard_op), DELETE ON intern.weergave TO bs_werk;

CREATE POLICY eigen ON intern.laatste_bezoek TO bs_werk
    USING (medewerker = (SELECT intern.eigen_medewerker())) WITH CHECK (medewerker = (SELECT intern.eigen_medewerker()));
GRANT SELECT, INSERT, UPDATE ON intern.laatste_bezoek TO bs_werk;
