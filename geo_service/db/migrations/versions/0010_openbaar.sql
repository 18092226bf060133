-- How many sensitive places each stadsdeel of the newest vintage has, of all kinds together; never where or what.
-- Its owner reads the table; staff get the counts of their own stadsdelen.
CREATE VIEW intern.gevoelig_telling WITH (security_barrier) AS
SELECT v.gemeente_code, i.gebied_code AS stadsdeel_code, count(*)::integer AS aantal
FROM intern.voorziening_gevoelig v
JOIN publiek.indeling i ON i.gemeente_code = v.gemeente_code AND i.niveau = 'stadsdeel' AND i.buurt_code = v.buurt_code
    AND i.jaar = (SELECT max(n.jaar) FROM publiek.indeling n
        WHERE n.gemeente_code = v.gemeente_code AND n.niveau = 'stadsdeel')
WHERE v.gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente()) OR i.gebied_code = ANY ((SELECT intern.eigen_stadsdelen())::text[]))
    AND coalesce(v.geldig_tot, DATE 'infinity') >= current_date
GROUP BY 1, 2;

GRANT SELECT ON intern.gevoelig_telling TO bs_dienst;

-- The first and last day of a source are those of its coverage: the day of a stray report is about one person.
UPDATE publiek.bron b SET
    eerste_dag = CASE WHEN d.van <= b.laatste_dag THEN d.van ELSE date_trunc('month', b.eerste_dag) END,
    laatste_dag = CASE WHEN d.open THEN b.laatste_dag
        ELSE least(d.tot, date_trunc('month', b.laatste_dag) + interval '1 month -1 day') END
FROM (
    SELECT a.gemeente_code, a.naam, min(c.van) AS van, max(c.tot) AS tot, bool_or(c.bron IS NOT NULL AND c.tot IS NULL) AS open
    FROM publiek.bron a LEFT JOIN publiek.bron_dekking c ON c.gemeente_code = a.gemeente_code AND c.bron = a.naam
    GROUP BY 1, 2
) d
WHERE d.gemeente_code = b.gemeente_code AND d.naam = b.naam AND b.laatste_dag IS NOT NULL;
