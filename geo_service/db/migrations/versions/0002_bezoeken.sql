-- Visits as figures: the names of their themes, their rows in the cube, and the cube read by area as well as by day.

CREATE TABLE publiek.bezoek_thema (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    naam TEXT NOT NULL,
    PRIMARY KEY (gemeente_code, bron, code)
);

CREATE INDEX kubus_gebied ON intern.kubus (gemeente_code, bron, gebied_code, dag);

-- Visits that were loaded before. What is derived from them later is made by the next load or start of the service.

CREATE TEMP TABLE bezoek_0002 ON COMMIT DROP AS
SELECT gemeente_code, bron, coalesce(herkomst_buurt_code, 'buiten') AS gebied_code, datum, kanaal, uitkomst, thema,
    'thema-' || coalesce(nullif(trim(both '-' from regexp_replace(
        lower(regexp_replace(normalize(thema, NFKD), '[^\x20-\x7e]', '', 'g')), '[^a-z0-9]+', '-', 'g')), ''), 'onbekend') AS code
FROM intern.bezoek b
WHERE NOT EXISTS (SELECT FROM intern.kubus k WHERE k.gemeente_code = b.gemeente_code AND k.bron = b.bron);

INSERT INTO publiek.bezoek_thema (gemeente_code, bron, code, naam)
SELECT gemeente_code, bron, code, mode() WITHIN GROUP (ORDER BY thema) FROM bezoek_0002
WHERE code <> 'thema-onbekend' GROUP BY 1, 2, 3 HAVING count(*) >= 10;

INSERT INTO intern.kubus (gemeente_code, bron, gebied_code, categorie, dag, tot, aantal)
SELECT gemeente_code, bron, gebied_code, d.categorie, datum, datum, count(*)
FROM (
    SELECT b.*, CASE WHEN b.code = 'thema-onbekend' THEN b.code ELSE coalesce(t.code, 'thema-overig') END AS geteld
    FROM bezoek_0002 b LEFT JOIN publiek.bezoek_thema t USING (gemeente_code, bron, code)
) bezoek
CROSS JOIN LATERAL unnest(array['alle', 'kanaal-' || kanaal, 'uitkomst-' || uitkomst, geteld]) AS d(categorie)
GROUP BY 1, 2, 3, 4, 5;

WITH dagen AS (
    SELECT gemeente_code, bron, min(datum) AS eerste, max(datum) AS laatste FROM bezoek_0002 GROUP BY 1, 2
), weken AS (
    SELECT gemeente_code, bron, eerste, laatste, eerste + mod(8 - extract(isodow FROM eerste)::int, 7) AS van,
        laatste - mod(extract(isodow FROM laatste)::int, 7) AS tot
    FROM dagen
), gezet AS (
    UPDATE publiek.bron b SET eerste_dag = w.eerste, laatste_dag = w.laatste, fijnste_niveau = 'buurt', fijnste_periode = 'dag'
    FROM weken w WHERE b.gemeente_code = w.gemeente_code AND b.naam = w.bron
)
INSERT INTO publiek.bron_dekking (gemeente_code, bron, gebied, van, tot, afgeleid)
SELECT gemeente_code, bron, gemeente_code, van, tot, true FROM weken w
WHERE van <= tot AND NOT EXISTS (
    SELECT FROM publiek.bron_dekking d WHERE d.gemeente_code = w.gemeente_code AND d.bron = w.bron);
