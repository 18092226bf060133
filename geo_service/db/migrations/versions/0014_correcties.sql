-- What staff correct in the list of places. A correction lies over what the source says, by the key of the place, so that it
-- stays when the source is loaded again. Of who made it and why, nothing leaves intern.
CREATE TABLE intern.correctie (
    nummer BIGINT GENERATED ALWAYS AS IDENTITY,
    gemeente_code TEXT COLLATE "C" NOT NULL,
    laag TEXT COLLATE "C" NOT NULL CHECK (laag IN ('voorzieningen', 'wijkwijzers')),
    bron TEXT COLLATE "C" NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    veld TEXT COLLATE "C" NOT NULL
        CHECK (veld IN ('type', 'openingstijden', 'zonder_verwijzing', 'adres', 'bestaat_niet')),
    oud TEXT,
    waarde TEXT NOT NULL CHECK (length(waarde) BETWEEN 1 AND 200),
    reden TEXT NOT NULL CHECK (length(reden) BETWEEN 10 AND 500),
    medewerker TEXT COLLATE "C" NOT NULL,
    rol TEXT COLLATE "C" NOT NULL,
    gecorrigeerd_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ingetrokken_op TIMESTAMP WITH TIME ZONE,
    ingetrokken_door TEXT COLLATE "C",
    PRIMARY KEY (nummer),
    CHECK (veld NOT IN ('zonder_verwijzing', 'bestaat_niet') OR waarde IN ('ja', 'nee'))
);

-- Of each field of a place one correction holds.
CREATE UNIQUE INDEX correctie_geldig ON intern.correctie (gemeente_code, laag, bron, sleutel, veld)
    WHERE ingetrokken_op IS NULL;

CREATE TRIGGER wijziging AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON intern.correctie
    FOR EACH STATEMENT EXECUTE FUNCTION publiek.noteer_wijziging();

-- Whoever governs the data governs it for every gemeente; the service sets this for that role only.
CREATE FUNCTION intern.beheert_gegevens() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE SET search_path = '' AS
    $$ SELECT coalesce(pg_catalog.current_setting('buurtsignaal.gegevensbeheer', true) = 'ja', false) $$;
REVOKE ALL ON FUNCTION intern.beheert_gegevens() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION intern.beheert_gegevens() TO bs_werk;

SELECT intern.beveilig('intern.correctie');
CREATE POLICY eigen_gemeente ON intern.correctie FOR SELECT TO bs_werk USING (
    (SELECT intern.beheert_gegevens()) OR gemeente_code = (SELECT intern.eigen_gemeente())
);
CREATE POLICY schrijven ON intern.correctie FOR INSERT TO bs_werk WITH CHECK (
    medewerker = (SELECT intern.eigen_medewerker())
    AND ((SELECT intern.beheert_gegevens()) OR gemeente_code = (SELECT intern.eigen_gemeente()))
);
CREATE POLICY intrekken ON intern.correctie FOR UPDATE TO bs_werk
    USING ((SELECT intern.beheert_gegevens()) OR gemeente_code = (SELECT intern.eigen_gemeente()))
    WITH CHECK (ingetrokken_door = (SELECT intern.eigen_medewerker()));
GRANT SELECT, INSERT (gemeente_code, laag, bron, sleutel, veld, oud, waarde, reden, medewerker, rol),
    UPDATE (ingetrokken_op, ingetrokken_door) ON intern.correctie TO bs_werk;

-- The places as everyone sees them: of a correction the value and the day, no more. What is no longer there ended the day
-- before it was said.
CREATE VIEW publiek.voorziening_nu AS
SELECT v.gemeente_code, v.bron, v.sleutel, v.naam, coalesce(c.type, v.type) AS type, v.aanbieder, v.aanbieder_soort, v.lijn,
    v.leefgebied, v.doelgroep, coalesce(c.openingstijden, v.openingstijden) AS openingstijden, v.bereik, v.capaciteit,
    v.geldig_van, CASE WHEN c.bestaat_niet THEN least(v.geldig_tot, c.dag - 1) ELSE v.geldig_tot END AS geldig_tot,
    coalesce(c.zonder_verwijzing, v.zonder_verwijzing) AS zonder_verwijzing, v.buurt_code, v.geom, c.dag AS gecorrigeerd_op
FROM publiek.voorziening v
LEFT JOIN (
    SELECT gemeente_code, bron, sleutel, max(waarde) FILTER (WHERE veld = 'type') AS type,
        max(waarde) FILTER (WHERE veld = 'openingstijden') AS openingstijden,
        bool_or(waarde = 'ja') FILTER (WHERE veld = 'zonder_verwijzing') AS zonder_verwijzing,
        bool_or(waarde = 'ja') FILTER (WHERE veld = 'bestaat_niet') AS bestaat_niet,
        max((gecorrigeerd_op AT TIME ZONE 'Europe/Amsterdam')::date) AS dag
    FROM intern.correctie WHERE laag = 'voorzieningen' AND ingetrokken_op IS NULL GROUP BY 1, 2, 3
) c USING (gemeente_code, bron, sleutel);

CREATE VIEW publiek.wijkwijzer_nu AS
SELECT w.gemeente_code, w.bron, w.sleutel, w.naam, coalesce(c.adres, w.adres) AS adres,
    coalesce(c.openingstijden, w.openingstijden) AS openingstijden, w.partners, w.geldig_van,
    CASE WHEN c.bestaat_niet THEN least(w.geldig_tot, c.dag - 1) ELSE w.geldig_tot END AS geldig_tot,
    w.buurt_code, w.geom, c.dag AS gecorrigeerd_op
FROM publiek.wijkwijzer w
LEFT JOIN (
    SELECT gemeente_code, bron, sleutel, max(waarde) FILTER (WHERE veld = 'adres') AS adres,
        max(waarde) FILTER (WHERE veld = 'openingstijden') AS openingstijden,
        bool_or(waarde = 'ja') FILTER (WHERE veld = 'bestaat_niet') AS bestaat_niet,
        max((gecorrigeerd_op AT TIME ZONE 'Europe/Amsterdam')::date) AS dag
    FROM intern.correctie WHERE laag = 'wijkwijzers' AND ingetrokken_op IS NULL GROUP BY 1, 2, 3
) c USING (gemeente_code, bron, sleutel);

GRANT SELECT ON publiek.voorziening_nu, publiek.wijkwijzer_nu TO bs_publiek, bs_dienst;
