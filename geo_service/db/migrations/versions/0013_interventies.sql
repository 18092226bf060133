-- Staff see the actions in their own areas, without what they cost; one in areas of several stadsdelen is of each of them.
GRANT SELECT (gemeente_code, bron, sleutel, naam, soort, doel, partners, gebied_codes, van, tot, categorie)
    ON intern.interventie TO bs_dienst;
CREATE POLICY eigen_gebieden ON intern.interventie FOR SELECT TO bs_dienst USING (
    gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente())
        OR string_to_array(gebied_codes, ';') && (SELECT intern.eigen_gebieden())::text[])
);
