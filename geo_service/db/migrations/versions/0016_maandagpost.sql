-- Who gets the mail of Monday morning: somebody at work, an address that they confirmed themselves, and for which areas.
-- A request writes here as bs_werk. Who follows a link from a mail is nobody to us: the link itself says which row it is
-- about, and only the service can make one.
CREATE TABLE intern.abonnement (
    nummer BIGINT GENERATED ALWAYS AS IDENTITY,
    gemeente_code TEXT COLLATE "C" NOT NULL,
    stadsdelen TEXT[] NOT NULL,
    medewerker TEXT COLLATE "C" NOT NULL,
    adres TEXT NOT NULL CHECK (length(adres) BETWEEN 3 AND 254),
    aangevraagd_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    bevestigd_op TIMESTAMP WITH TIME ZONE,
    verstuurd_week TEXT COLLATE "C",
    gezien JSONB DEFAULT '{}' NOT NULL,
    PRIMARY KEY (nummer)
);

CREATE UNIQUE INDEX abonnement_medewerker ON intern.abonnement (medewerker);

CREATE FUNCTION intern.eigen_abonnement() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE SET search_path = '' AS
    $$ SELECT nullif(pg_catalog.current_setting('buurtsignaal.abonnement', true), '')::bigint $$;
REVOKE ALL ON FUNCTION intern.eigen_abonnement() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION intern.eigen_abonnement() TO bs_werk;

SELECT intern.beveilig('intern.abonnement');
CREATE POLICY lezen ON intern.abonnement FOR SELECT TO bs_werk USING (
    medewerker = (SELECT intern.eigen_medewerker()) OR nummer = (SELECT intern.eigen_abonnement())
);
CREATE POLICY aanvragen ON intern.abonnement FOR INSERT TO bs_werk WITH CHECK (
    medewerker = (SELECT intern.eigen_medewerker()) AND gemeente_code = (SELECT intern.eigen_gemeente())
);
-- Only who reads the mail of that address confirms it.
CREATE POLICY bevestigen ON intern.abonnement FOR UPDATE TO bs_werk
    USING (nummer = (SELECT intern.eigen_abonnement())) WITH CHECK (nummer = (SELECT intern.eigen_abonnement()));
CREATE POLICY stoppen ON intern.abonnement FOR DELETE TO bs_werk USING (
    medewerker = (SELECT intern.eigen_medewerker()) OR nummer = (SELECT intern.eigen_abonnement())
);
GRANT SELECT, INSERT (gemeente_code, stadsdelen, medewerker, adres), UPDATE (bevestigd_op), DELETE
    ON intern.abonnement TO bs_werk;
