"""Saved views: kept for who saved them, and never an address elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.identity import Viewer
from geo_service.werk.weergaven import MEESTE, is_own_address
from tests.geo_service import dorp
from tests.geo_service.api.website import viewers_of
from tests.geo_service.support import rows, value
from tests.geo_service.werk.conftest import Person

VIEWERS = viewers_of(dorp.GEMEENTE, f"{dorp.GEMEENTE}-SD-noord")
VIEW = "/kaart?niveau=wijk&periode=2026-Q1#kaart=12/52.2/6.9&lagen=gebieden"
Come = Callable[[Viewer], Person]


def save(who: Person, naam: str = "Mijn wijken", adres: str = VIEW):
    return who.send("/weergaven", "/kaart", naam=naam, adres=adres)


def test_a_view_is_kept_replaced_and_thrown_away_by_its_owner_only(werk_url: str, person: Come):
    who, other = person(VIEWERS["wijkregisseur"]), person(VIEWERS["stadsdeelmanager"])
    assert save(who, adres="/kaart").status_code == 303
    assert save(who).status_code == 303
    assert rows(werk_url, "select naam, adres from intern.weergave") == [("Mijn wijken", VIEW)]
    assert VIEW.replace("&", "&amp;") in who.see("/")
    assert "Mijn wijken" not in other.see("/")
    (number,) = (row[0] for row in rows(werk_url, "select nummer from intern.weergave"))
    assert other.send(f"/weergaven/{number}/verwijderen", "/").status_code == 404
    assert who.send(f"/weergaven/{number}/verwijderen", "/").status_code == 303
    assert value(werk_url, "select count(*) from intern.weergave") == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"naam": " "}, "Geef de weergave een naam"),
        ({"naam": "x" * 61}, "Geef de weergave een naam"),
        ({"adres": "https://elders.nl/kaart"}, "Alleen een pagina van deze website"),
        ({"adres": "javascript:alert(1)"}, "Alleen een pagina van deze website"),
    ],
)
def test_what_cannot_be_kept_is_told(werk_url: str, person: Come, fields, said):
    done = save(person(VIEWERS["wijkregisseur"]), **fields)
    assert (done.status_code, said in done.text) == (400, True)
    assert value(werk_url, "select count(*) from intern.weergave") == 0


def test_there_is_an_end_to_what_is_kept(werk_url: str, person: Come):
    who = person(VIEWERS["wijkregisseur"])
    csrf = who.see("/").split('name="csrf" value="')[1].split('"')[0]
    for number in range(MEESTE):
        done = who.client.post("/weergaven", data={"csrf": csrf, "naam": f"Nummer {number}", "adres": "/kaart"})
        assert done.status_code == 303
    assert f"U heeft al {MEESTE} weergaven" in save(who).text
    assert save(who, naam="Nummer 3").status_code == 303


@given(
    st.sampled_from(["", "/", "//", "\\", "https:", "http://elders.nl", "javascript:", "data:", " /", "\t/"]),
    st.sampled_from(["kaart", "elders.nl/kaart", "gebied/../beheer", "beheer", "v1", "/kaart", "\\\\elders.nl"]),
)
def test_only_pages_that_show_something_are_addresses_of_ours(before, after):
    adres = before + after
    assert is_own_address(adres) == (adres in ("/kaart",))


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_question_and_what_is_behind_the_hash_are_kept(query, fragment):
    adres = f"/kaart?q={query}#{fragment}"
    assert is_own_address(adres) == (adres.isprintable() and "\\" not in adres)
