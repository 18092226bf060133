"""An invented catalogue with one of everything: two public datasets, one for staff only, and sources with gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from geo_service.catalogus.adressen import Adressen, gemeente_uri
from geo_service.catalogus.model import (
    Breuk,
    Bron,
    Catalogus,
    CollectieTekst,
    Dataset,
    Dekkingsregel,
    Looptijd,
    Organisatie,
    Toelichting,
    Uitgave,
)
from geo_service.catalogus.waarden import Frequentie, Licentie
from geo_service.domain.velden import Soort, Veld
from geo_service.identity import Viewer

BASIS = "https://buurtsignaal.voorbeeld.nl"
WET = "http://wetten.overheid.nl/id/BWBR0005416"
GEMEENTE = "Gemeente Dorp"
MELDPUNT = Bron(
    "meldpunt",
    houder=GEMEENTE,
    definitie="meldingen van overlast",
    registratie_eenheid="melding",
    grondslag=WET,
    dekking_tekst="de hele gemeente: 1 januari 2023 t/m 31 december 2024 (loopt door)",
    dekking=(Dekkingsregel("GM0999", "Dorp", date(2023, 1, 1), date(2024, 12, 31), loopt_door=True),),
    trendbreuken=(Breuk(date(2024, 3, 1), "nieuw systeem"), Breuk(date(2024, 5, 1), "team verhuisd", "West")),
)
POLITIE = Bron(
    "politie",
    houder="Politie",
    registratie_eenheid="misdrijf",
    grondslag="taak van de politie",
    dekking_tekst="de hele gemeente: 2 januari 2023 t/m 31 december 2023, afgeleid uit de gegevens",
    dekking=(Dekkingsregel("GM0999", "Dorp", date(2023, 1, 2), date(2023, 12, 31), afgeleid=True),),
)


def everyone(_: Viewer) -> bool:
    return True


def staff(viewer: Viewer) -> bool:
    return viewer.scoped


CIJFERS = CollectieTekst(
    "meldingen-per-gebied",
    "Overlastmeldingen per gebied",
    "Aantal meldingen per gebied.",
    (
        Veld("status", Soort.TEKST, "Of er een cijfer is.", ("ok", "onderdrukt")),
        Veld("aantal", Soort.GEHEEL, "Aantal."),
    ),
    Toelichting(
        "Het aantal meldingen van één bron.",
        lagen=("meldingen",),
        cijfers=True,
        frequentie=Frequentie.PER_KWARTAAL,
        trefwoorden=("overlast",),
        kwaliteit=("Geen cijfer is geen nul.",),
    ),
    everyone,
)
BUURTEN = CollectieTekst("buurten", "Buurten", "Buurten van het CBS.", (), Toelichting("Een buurt."), everyone)
PUNTEN = CollectieTekst(
    "meldingen",
    "Meldingen",
    "Losse meldingen.",
    (),
    Toelichting("Eén object is één melding.", lagen=("meldingen",)),
    staff,
)

UITGAVE = Uitgave(Organisatie(GEMEENTE, gemeente_uri("GM0999"), "data@dorp.nl"), Adressen(BASIS))
DATASET = Dataset(
    CIJFERS,
    "GM0999",
    "Dorp",
    (MELDPUNT, POLITIE),
    grenzen_benaderd=True,
    looptijd=Looptijd(date(2023, 1, 1), date(2024, 6, 30)),
    bbox=(6.1, 52.1, 6.2, 52.3),
    gewijzigd=datetime(2024, 7, 29, 3, 0, tzinfo=UTC),
)
CATALOGUS = Catalogus(
    UITGAVE, (DATASET, Dataset(BUURTEN, "GM0999", "Dorp"), Dataset(PUNTEN, "GM0999", "Dorp", (MELDPUNT,)))
)


def with_licence(licentie: Licentie | None) -> Uitgave:
    return replace(UITGAVE, licentie=licentie)


def with_bronnen(*bronnen: Bron) -> Dataset:
    return replace(DATASET, bronnen=bronnen)
