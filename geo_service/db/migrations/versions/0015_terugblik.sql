-- Looking back needs to know which signal an action was meant to change, and which way.
GRANT SELECT (signaal_bron, richting) ON intern.interventie TO bs_dienst;
