-- What was computed and why not, so that "nothing found" can be told from "not looked for". Everyone may know it of a
-- released period: a reason tells what is missing, never a count.

CREATE VIEW intern.berekening AS
SELECT r.gemeente_code, r.bron, r.periode, r.methode, r.resultaat ->> 'reden' AS reden,
    (SELECT coalesce(jsonb_object_agg(klasse.key, klasse.value ->> 'reden'), '{}')
     FROM jsonb_each(r.resultaat) AS klasse
     WHERE jsonb_typeof(klasse.value) = 'object' AND klasse.value ? 'reden') AS reden_per_klasse
FROM intern.hotspot_run r
WHERE r.vervangen_op IS NULL;

CREATE VIEW publiek.berekening AS
SELECT b.*
FROM intern.berekening b
JOIN publiek.vrijgave v USING (gemeente_code, bron, periode);

GRANT SELECT ON intern.berekening TO bs_dienst;
GRANT SELECT ON publiek.berekening TO bs_publiek, bs_dienst;
