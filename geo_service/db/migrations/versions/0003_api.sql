-- One row per transaction that changed anything: their number tells every cache and ETag whether it is still true.
CREATE TABLE publiek.wijziging (
    transactie BIGINT NOT NULL,
    moment TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (transactie, moment)
);

CREATE FUNCTION publiek.noteer_wijziging() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO publiek.wijziging (transactie, moment)
    VALUES (pg_catalog.pg_current_xact_id()::text::bigint, pg_catalog.now()) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    tabel regclass;
BEGIN
    FOR tabel IN
        SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('publiek', 'intern') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.relname NOT IN ('wijziging', 'alembic_version', 'ingest_run', 'ingest_afkeur', 'melding_sleutel')
    LOOP
        EXECUTE format('CREATE TRIGGER wijziging AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION publiek.noteer_wijziging()', tabel);
    END LOOP;
END
$$;

-- Vector tiles are made of this column: transforming every point of every tile costs twice the time.
ALTER TABLE intern.melding ADD COLUMN geom_web geometry(POINT, 3857);
UPDATE intern.melding SET geom_web = st_transform(geom, 3857) WHERE geom IS NOT NULL;

-- Reports are for scoped roles: without keys of reporters and addresses, and of their own stadsdelen only.
ALTER TABLE intern.melding ENABLE ROW LEVEL SECURITY;
ALTER TABLE intern.melding FORCE ROW LEVEL SECURITY;
CREATE POLICY eigen_stadsdelen ON intern.melding FOR SELECT TO bs_dienst USING (
    gemeente_code = (SELECT current_setting('buurtsignaal.gemeente', true))
    AND (
        (SELECT current_setting('buurtsignaal.stadsdelen', true)) = 'alle'
        OR buurt_code IN (
            SELECT i.buurt_code FROM publiek.indeling i
            WHERE i.gemeente_code = current_setting('buurtsignaal.gemeente', true) AND i.niveau = 'stadsdeel'
              AND i.gebied_code = ANY (string_to_array(current_setting('buurtsignaal.stadsdelen', true), ','))
              -- A buurt that moved belongs to its present stadsdeel, with all its years.
              AND i.jaar = (SELECT max(j.jaar) FROM publiek.indeling j WHERE j.gemeente_code = i.gemeente_code
                  AND j.niveau = i.niveau AND j.buurt_code = i.buurt_code)
        )
    )
);

-- Loading and jobs run as the owner, who is bound by forced row security too unless a superuser.
DO $$
BEGIN
    EXECUTE format('CREATE POLICY eigenaar ON intern.melding TO %I USING (true) WITH CHECK (true)', current_user);
END
$$;

GRANT SELECT (gemeente_code, melding_id, jaar, bron, tijd, dag, tijd_onzeker, categorie, bron_categorie, status,
    buurt_code, geom, geom_web) ON intern.melding TO bs_dienst;
GRANT SELECT ON publiek.wijziging TO bs_publiek, bs_dienst;
