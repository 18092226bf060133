"""Which licence is stated: never more than somebody granted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo_service.catalogus.licenties import gezamenlijke_licentie, licentie_van, rechten_tekst
from geo_service.catalogus.waarden import Licentie
from tests.geo_service.catalogus.voorbeeld import (
    DATASET,
    MELDPUNT,
    POLITIE,
    PUNTEN,
    with_bronnen,
    with_licence,
)

CC0, CC_BY, GESLOTEN, NIETS = Licentie.CC0, Licentie.CC_BY, Licentie.GESLOTEN, Licentie.NIET_OPGEGEVEN
EIGEN = MELDPUNT
EIGEN_ANDERS_GESCHREVEN = replace(MELDPUNT, houder=" gemeente DORP ")
VREEMD = POLITIE
VREEMD_CC0 = replace(POLITIE, licentie=CC0)
VREEMD_CC_BY = replace(POLITIE, licentie=CC_BY)
VREEMD_GESLOTEN = replace(POLITIE, licentie=GESLOTEN)
ZONDER_HOUDER = replace(MELDPUNT, houder=None)


@pytest.mark.parametrize(
    ("bronnen", "van_uitgever", "stated"),
    [
        ([EIGEN], CC0, CC0),
        ([EIGEN], CC_BY, CC_BY),
        ([EIGEN], None, NIETS),
        ([EIGEN_ANDERS_GESCHREVEN], CC0, CC0),
        ([VREEMD], CC0, NIETS),
        ([ZONDER_HOUDER], CC0, NIETS),
        ([EIGEN, VREEMD], CC0, NIETS),
        ([EIGEN, VREEMD_CC0], CC0, CC0),
        ([EIGEN, VREEMD_CC_BY], CC0, CC_BY),
        ([EIGEN, VREEMD_CC0], CC_BY, CC_BY),
        ([VREEMD_CC0], None, NIETS),
        ([EIGEN, VREEMD_GESLOTEN], CC0, GESLOTEN),
        ([], CC0, NIETS),
    ],
)
def test_the_strictest_counts(bronnen, van_uitgever, stated):
    assert licentie_van(with_bronnen(*bronnen), with_licence(van_uitgever)) is stated


@pytest.mark.parametrize("van_uitgever", [None, CC0, CC_BY])
def test_what_is_not_public_is_never_open(van_uitgever):
    restricted = replace(DATASET, collectie=PUNTEN, bronnen=(VREEMD_CC0,))
    assert licentie_van(restricted, with_licence(van_uitgever)) is GESLOTEN


def test_the_service_has_the_licence_of_its_public_datasets_when_they_agree():
    open_one, unknown = with_bronnen(EIGEN), with_bronnen(VREEMD)
    restricted = replace(DATASET, collectie=PUNTEN, bronnen=(EIGEN,))
    uitgave = with_licence(CC0)
    assert gezamenlijke_licentie([open_one, restricted], uitgave) is CC0
    assert gezamenlijke_licentie([open_one, unknown], uitgave) is NIETS
    assert gezamenlijke_licentie([], uitgave) is NIETS


def test_the_rights_name_every_source():
    assert rechten_tekst(with_bronnen(EIGEN, VREEMD), with_licence(CC0)) == (
        "Voor deze gegevens is geen licentie opgegeven. Vraag toestemming aan de uitgever of aan de houder van de bron "
        "voordat u ze hergebruikt. Per bron: meldpunt: CC0 1.0; politie: Licentie niet opgegeven."
    )
