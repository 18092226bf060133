"""How hotspots are found, and the classes of each method; the codes are the same in tables, API and commands."""

from __future__ import annotations

PUNTEN = "punten"
SCAN = "scan"
OPKOMEND = "opkomend"
BLINDE_VLEKKEN = "blinde-vlekken"

METHODEN = {
    PUNTEN: "meldingen dicht bij elkaar",
    SCAN: "meer meldingen dan verwacht, of sinds kort meer",
    OPKOMEND: "het verloop per kwartaal",
    BLINDE_VLEKKEN: "minder meldingen dan verwacht",
}

DICHTBIJ = "dicht-bij-elkaar"
HOOG = "hoog"
NIEUW = "nieuw"
STIL = "stil"
VERLOOP = ("nieuw", "aanhoudend", "stijgend", "blijvend", "dalend", "wisselend", "omgeslagen", "voorheen")
KLASSEN = (DICHTBIJ, HOOG, NIEUW, STIL, *(f"{soort}-{kant}" for kant in ("hoog", "laag") for soort in VERLOOP))
