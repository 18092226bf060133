-- Results of several methods side by side, each of a run that is kept when a newer one replaces it.

ALTER TABLE intern.hotspot_run
    ADD COLUMN seed BIGINT,
    ADD COLUMN kenmerk TEXT NOT NULL DEFAULT '',
    ADD COLUMN resultaat JSONB NOT NULL DEFAULT '{}',
    ADD COLUMN vervangen_op TIMESTAMP WITH TIME ZONE,
    DROP COLUMN standaard;

-- No hash: the next refresh makes every run of before anew.
ALTER TABLE intern.hotspot_run ALTER COLUMN kenmerk DROP DEFAULT, ALTER COLUMN resultaat DROP DEFAULT;
UPDATE intern.hotspot_run SET methode = 'punten';
DROP INDEX intern.hotspot_run_vraag;
CREATE UNIQUE INDEX hotspot_run_huidig ON intern.hotspot_run (gemeente_code, bron, periode, methode) WHERE vervangen_op IS NULL;

DO $$
DECLARE
    tabel regclass;
BEGIN
    FOREACH tabel IN ARRAY ARRAY['intern.hotspot', 'publiek.hotspot']::regclass[] LOOP
        EXECUTE format('ALTER TABLE %s
            ADD COLUMN methode TEXT COLLATE "C" NOT NULL DEFAULT ''punten'',
            ADD COLUMN klasse TEXT COLLATE "C" NOT NULL DEFAULT ''dicht-bij-elkaar'',
            ADD COLUMN verwacht DOUBLE PRECISION,
            ADD COLUMN verhouding DOUBLE PRECISION,
            ADD COLUMN p_waarde DOUBLE PRECISION,
            ADD COLUMN begin DATE,
            ADD COLUMN eind DATE,
            ADD COLUMN status TEXT NOT NULL DEFAULT ''ok'',
            ALTER COLUMN aantal DROP NOT NULL,
            ALTER COLUMN plekken DROP NOT NULL,
            ALTER COLUMN plekken_soort DROP NOT NULL,
            ALTER COLUMN geom TYPE geometry(MULTIPOLYGON, 28992) USING st_multi(geom)', tabel);
        EXECUTE format('ALTER TABLE %s
            ALTER COLUMN methode DROP DEFAULT, ALTER COLUMN klasse DROP DEFAULT, ALTER COLUMN status DROP DEFAULT', tabel);
    END LOOP;
END
$$;
