-- The log of interventions: what staff draw and write themselves, beside what is loaded. The database says which buurten a
-- drawing touches, numbers every change and keeps what it was; no writer can do either, or skip it.
ALTER TABLE intern.interventie
    ADD COLUMN geom geometry(MULTIPOLYGON, 28992),
    ADD COLUMN versie INTEGER DEFAULT 1 NOT NULL,
    ADD COLUMN gewijzigd_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ALTER COLUMN inhoud_hash SET DEFAULT 0;

CREATE TABLE intern.interventie_versie (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    versie INTEGER NOT NULL,
    handeling TEXT COLLATE "C" NOT NULL CHECK (handeling IN ('gemaakt', 'gewijzigd', 'ingetrokken')),
    inhoud JSONB NOT NULL,
    gebied_codes TEXT,
    medewerker TEXT COLLATE "C",
    rol TEXT COLLATE "C",
    vastgelegd_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (gemeente_code, bron, sleutel, versie)
);
SELECT intern.beveilig('intern.interventie_versie');
CREATE TRIGGER wijziging AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON intern.interventie_versie
    FOR EACH STATEMENT EXECUTE FUNCTION publiek.noteer_wijziging();
GRANT SELECT ON publiek.gebied TO bs_werk;

-- A drawing by hand runs over a border here and there: a hundredth of it, or of the buurt, is no touch.
CREATE FUNCTION intern.geraakte_delen(gemeente text, vlak geometry)
RETURNS TABLE (code text, oppervlakte double precision, geraakt boolean)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, public AS $$
    SELECT g.code, deel.m2, deel.m2 > 0.01 * least(st_area(g.geom), st_area(vlak))
    FROM publiek.gebied g
    CROSS JOIN LATERAL (SELECT st_area(st_intersection(g.geom, vlak)) AS m2) deel
    WHERE g.gemeente_code = gemeente AND g.niveau = 'buurt' AND g.geom && vlak AND g.jaar = (
        SELECT max(n.jaar) FROM publiek.gebied n WHERE n.gemeente_code = gemeente AND n.niveau = 'buurt')
$$;

CREATE FUNCTION intern.geraakte_buurten(gemeente text, vlak geometry) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, public AS $$
    SELECT coalesce(array_agg(d.code ORDER BY d.code), '{}') FROM intern.geraakte_delen(gemeente, vlak) d WHERE d.geraakt
$$;

-- The part of a drawing, 0 to 1, that lies in no buurt of the gemeente.
CREATE FUNCTION intern.deel_buiten(gemeente text, vlak geometry) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, public AS $$
    SELECT greatest(0, 1 - coalesce(sum(d.oppervlakte), 0) / nullif(st_area(vlak), 0))
    FROM intern.geraakte_delen(gemeente, vlak) d
$$;

CREATE FUNCTION intern.stempel_interventie() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    buurten text[];
BEGIN
    IF NEW.geom IS NOT NULL THEN
        buurten := intern.geraakte_buurten(NEW.gemeente_code, NEW.geom);
        IF pg_catalog.cardinality(buurten) > 0 THEN
            NEW.gebied_codes := pg_catalog.array_to_string(buurten, ';');
        END IF;
    END IF;
    -- A key that comes back goes on where its history ended: no version ever means two things.
    IF TG_OP = 'INSERT' THEN
        NEW.versie := 1 + coalesce((SELECT max(v.versie) FROM intern.interventie_versie v
            WHERE (v.gemeente_code, v.bron, v.sleutel) = (NEW.gemeente_code, NEW.bron, NEW.sleutel)), 0);
    ELSE
        NEW.versie := OLD.versie + 1;
    END IF;
    NEW.gewijzigd_op := pg_catalog.now();
    RETURN NEW;
END
$$;

CREATE FUNCTION intern.bewaar_interventie() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    rij intern.interventie;
BEGIN
    IF TG_OP = 'DELETE' THEN
        rij := OLD;
        rij.versie := OLD.versie + 1;
    ELSE
        rij := NEW;
    END IF;
    INSERT INTO intern.interventie_versie (gemeente_code, bron, sleutel, versie, handeling, inhoud, gebied_codes, medewerker, rol)
    VALUES (rij.gemeente_code, rij.bron, rij.sleutel, rij.versie,
        CASE TG_OP WHEN 'INSERT' THEN 'gemaakt' WHEN 'UPDATE' THEN 'gewijzigd' ELSE 'ingetrokken' END,
        pg_catalog.to_jsonb(rij) - ARRAY['gemeente_code', 'bron', 'sleutel', 'versie', 'gewijzigd_op', 'inhoud_hash', 'geom']
            || pg_catalog.jsonb_build_object('tekening', public.st_astext(public.st_transform(rij.geom, 4326), 7)),
        rij.gebied_codes, intern.eigen_medewerker(), nullif(pg_catalog.current_setting('buurtsignaal.rol', true), ''));
    RETURN NULL;
END
$$;

CREATE TRIGGER stempel BEFORE INSERT OR UPDATE ON intern.interventie
    FOR EACH ROW EXECUTE FUNCTION intern.stempel_interventie();
CREATE TRIGGER bewaar AFTER INSERT OR UPDATE OR DELETE ON intern.interventie
    FOR EACH ROW EXECUTE FUNCTION intern.bewaar_interventie();

-- History only grows. What may go is who it was, when its term is over.
CREATE FUNCTION intern.versie_blijft() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        OLD.medewerker := NULL;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the history of interventions only grows' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER blijft BEFORE UPDATE OR DELETE ON intern.interventie_versie
    FOR EACH ROW EXECUTE FUNCTION intern.versie_blijft();
CREATE TRIGGER blijft_staan BEFORE TRUNCATE ON intern.interventie_versie
    FOR EACH STATEMENT EXECUTE FUNCTION intern.versie_blijft();

INSERT INTO intern.interventie_versie (gemeente_code, bron, sleutel, versie, handeling, inhoud, gebied_codes)
SELECT gemeente_code, bron, sleutel, versie, 'gemaakt',
    to_jsonb(i) - ARRAY['gemeente_code', 'bron', 'sleutel', 'versie', 'gewijzigd_op', 'inhoud_hash', 'geom']
        || '{"tekening": null}', gebied_codes
FROM intern.interventie i;

-- What it costs is for whom all of its area is their own.
CREATE VIEW intern.interventie_kosten AS
SELECT i.gemeente_code, i.bron, i.sleutel, i.kosten FROM intern.interventie i
WHERE current_user <> 'bs_dienst' OR i.gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente())
        OR string_to_array(i.gebied_codes, ';') <@ (SELECT intern.eigen_gebieden())::text[]);

GRANT SELECT (signaal_bron, richting, evaluatie_op, geom, versie, gewijzigd_op) ON intern.interventie TO bs_dienst;
GRANT SELECT ON intern.interventie_kosten TO bs_dienst;

-- Staff write rows of the log in areas that are wholly theirs, and never a row that was loaded.
CREATE POLICY lezen ON intern.interventie FOR SELECT TO bs_werk USING (
    bron = 'interventielogboek' AND gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente()) OR string_to_array(gebied_codes, ';') <@ (SELECT intern.eigen_gebieden())::text[])
);
CREATE POLICY schrijven ON intern.interventie FOR INSERT TO bs_werk WITH CHECK (
    bron = 'interventielogboek' AND gemeente_code = (SELECT intern.eigen_gemeente())
    AND (SELECT intern.eigen_medewerker()) IS NOT NULL AND gebied_codes <> ''
    AND (geom IS NULL OR intern.deel_buiten(gemeente_code, geom) <= 0.01)
    AND ((SELECT intern.hele_gemeente()) OR string_to_array(gebied_codes, ';') <@ (SELECT intern.eigen_gebieden())::text[])
);
CREATE POLICY wijzigen ON intern.interventie FOR UPDATE TO bs_werk USING (
    bron = 'interventielogboek' AND gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente()) OR string_to_array(gebied_codes, ';') <@ (SELECT intern.eigen_gebieden())::text[])
) WITH CHECK (
    bron = 'interventielogboek' AND gemeente_code = (SELECT intern.eigen_gemeente())
    AND (SELECT intern.eigen_medewerker()) IS NOT NULL AND gebied_codes <> ''
    AND (geom IS NULL OR intern.deel_buiten(gemeente_code, geom) <= 0.01)
    AND ((SELECT intern.hele_gemeente()) OR string_to_array(gebied_codes, ';') <@ (SELECT intern.eigen_gebieden())::text[])
);
CREATE POLICY intrekken ON intern.interventie FOR DELETE TO bs_werk USING (
    bron = 'interventielogboek' AND gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente()) OR string_to_array(gebied_codes, ';') <@ (SELECT intern.eigen_gebieden())::text[])
);
CREATE POLICY eigen_gebieden ON intern.interventie_versie FOR SELECT TO bs_werk USING (
    gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente()) OR string_to_array(gebied_codes, ';') <@ (SELECT intern.eigen_gebieden())::text[])
);
GRANT SELECT, DELETE, INSERT (gemeente_code, bron, sleutel, naam, soort, doel, partners, gebied_codes, van, tot, signaal_bron,
        categorie, richting, kosten, evaluatie_op, geom),
    UPDATE (naam, soort, doel, partners, gebied_codes, van, tot, signaal_bron, categorie, richting, kosten, evaluatie_op, geom)
    ON intern.interventie TO bs_werk;
GRANT SELECT ON intern.interventie_versie TO bs_werk;

DO $$
DECLARE
    naam regprocedure;
BEGIN
    FOR naam IN SELECT oid FROM pg_proc WHERE pronamespace = 'intern'::regnamespace
        AND proname IN ('geraakte_delen', 'geraakte_buurten', 'deel_buiten', 'stempel_interventie', 'bewaar_interventie', 'versie_blijft') LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', naam);
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION intern.geraakte_delen(text, geometry), intern.geraakte_buurten(text, geometry),
    intern.deel_buiten(text, geometry) TO bs_werk;
