"""Emergency access: who may ask, what it opens and for how long, and who sees that it was used."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from geo_service.db.engine import Database
from geo_service.domain.noodtoegang import Noodtoegang
from geo_service.identity import Viewer
from geo_service.spoor.noodtoegang import Noodtoegangen, widened
from tests.geo_service import dorp
from tests.geo_service.api.website import Website, bearer, items_of, token_of, viewers_of
from tests.geo_service.spoor.test_verzoeken import until
from tests.geo_service.support import change, rows, value

GEMEENTE = dorp.GEMEENTE
NOORD, ZUID = f"{GEMEENTE}-SD-noord", f"{GEMEENTE}-SD-zuid"
VIEWERS = viewers_of(GEMEENTE, NOORD)
REGISSEUR, BEHEERDER, MANAGER = (VIEWERS[naam] for naam in ("wijkregisseur", "beheerder", "stadsdeelmanager"))
REASON = "Brand in een woonblok, de collega van Zuid is ziek."
MELDINGEN = items_of("meldingen")
OWN, BOTH = 24, 48


@pytest.fixture
def browser(website: Website) -> Iterator[Callable[[Viewer], httpx.Client]]:
    """``browser(viewer)``: a client with the cookie of who logged in."""
    opened: list[httpx.Client] = []

    def open_as(viewer: Viewer) -> httpx.Client:
        client = httpx.Client(base_url=website.address, timeout=30)
        opened.append(client)
        assert client.get("/ontwikkel/inloggen", params={"token": token_of(viewer)}).status_code == 303
        return client

    yield open_as
    for client in opened:
        client.close()


def code_of(client: httpx.Client, path: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def ask(client: httpx.Client, **changes: str) -> httpx.Response:
    form = {"csrf": code_of(client, "/noodtoegang"), "stadsdeel": ZUID, "reden": REASON} | changes
    return client.post("/noodtoegang", data=form)


def matched(website: Website, viewer: Viewer) -> int:
    return website.items("meldingen", viewer, limit=1)["numberMatched"]


def test_it_opens_one_stadsdeel_for_one_viewer_and_says_so(site_url: str, website: Website, browser) -> None:
    assert matched(website, REGISSEUR) == OWN
    client = browser(REGISSEUR)
    assert "<strong>Noodtoegang.</strong>" not in client.get("/uitleg").text
    assert ask(client).status_code == 303
    assert matched(website, REGISSEUR) == BOTH
    # Somebody else of the same stadsdeel, and somebody of another gemeente.
    assert matched(website, Viewer(MANAGER.role, GEMEENTE, frozenset({NOORD}))) == OWN
    assert matched(website, Viewer(REGISSEUR.role, "GM0106", frozenset({"GM0106-SD-noord"}))) == 0
    page = client.get("/uitleg").text
    assert "<strong>Noodtoegang.</strong>" in page
    assert ZUID in page
    stored = (
        "select gemeente_code, stadsdeel_code, actor, rol, reden, tot - van = interval '4 hours' "
        "from intern.noodtoegang"
    )
    assert rows(site_url, stored) == [(GEMEENTE, ZUID, "ontwikkel-wijkregisseur", "wijkregisseur", REASON, True)]


def test_each_use_is_logged_as_such_and_the_beheerder_sees_and_ends_it(
    site_url: str, website: Website, browser
) -> None:
    ask(browser(REGISSEUR))
    assert website.get(MELDINGEN, REGISSEUR, limit=1).status_code == 200
    used = "select object from intern.logboek where handeling = 'lezen met noodtoegang'"
    until(lambda: (f"{MELDINGEN}?limit",) in rows(site_url, used))
    assert rows(site_url, "select object from intern.logboek where handeling = 'noodtoegang vragen'") == [
        (f"{ZUID} (noodtoegang 1)",)
    ]
    beheerder = browser(BEHEERDER)
    page = beheerder.get("/beheer").text
    assert REASON in page
    assert "lezen met noodtoegang" in page
    done = beheerder.post("/beheer/noodtoegang/1/einde", data={"csrf": code_of(beheerder, "/beheer")})
    assert done.status_code == 303
    assert matched(website, REGISSEUR) == OWN
    assert rows(site_url, "select beeindigd_door from intern.noodtoegang") == [("ontwikkel-beheerder",)]
    assert "Beëindig<" not in beheerder.get("/beheer").text


def test_it_ends_by_itself(site_url: str, website: Website, browser) -> None:
    ask(browser(REGISSEUR))
    change(
        site_url,
        "update intern.noodtoegang set van = now() - interval '4 hours 1 second', tot = now() - interval '1 second'",
    )
    until(lambda: matched(website, REGISSEUR) == OWN)


def test_the_viewer_can_end_it_and_nobody_elses(site_url: str, website: Website, browser) -> None:
    client = browser(REGISSEUR)
    ask(client)
    change(
        site_url,
        "insert into intern.noodtoegang (gemeente_code, stadsdeel_code, actor, rol, reden, tot) values "
        "('GM9001', 'GM9001-SD-west', 'iemand', 'wijkregisseur', 'een goede reden', now() + interval '1 hour')",
    )
    form = {"csrf": code_of(client, "/noodtoegang")}
    assert client.post("/noodtoegang/2/einde", data=form).status_code == 404
    assert client.post("/noodtoegang/1/einde", data=form).status_code == 303
    assert client.post("/noodtoegang/1/einde", data=form).status_code == 404
    assert rows(site_url, "select beeindigd_op is null from intern.noodtoegang order by id") == [(False,), (True,)]
    assert matched(website, REGISSEUR) == OWN


@pytest.mark.parametrize(
    ("seconds", "changes", "wider"),
    [(60, {}, True), (-1, {}, False), (60, {"id": "k-2"}, False), (60, {"gemeente": "GM0106"}, False)],
)
def test_it_holds_for_one_person_until_its_end(seconds: int, changes: dict[str, str], wider: bool) -> None:
    """Also in the second in which a process does not look anew."""
    access = Noodtoegang(1, GEMEENTE, ZUID, "k-1", REASON, datetime.now(UTC) + timedelta(seconds=seconds))
    known = Noodtoegangen(Database("postgresql://nergens"))
    known._held, known._looked = [access], float("inf")
    viewer = replace(REGISSEUR, **({"id": "k-1"} | changes))
    held = asyncio.run(known.of(viewer))
    assert widened(viewer, held).stadsdelen == ({NOORD, ZUID} if wider else {NOORD})


FAULTS = [
    *(({"reden": text}, "10 tot 500 tekens") for text in ("te kort", "x" * 501, " " * 40)),
    *(
        ({"stadsdeel": code}, "Kies een ander stadsdeel")
        for code in (NOORD, "alle", f"{ZUID},GM9001-SD-west", "GM0106-SD-noord", "")
    ),
]


def test_a_form_that_is_not_right_opens_nothing_and_keeps_what_was_written(site_url: str, browser) -> None:
    client = browser(REGISSEUR)
    for changes, said in FAULTS:
        answer = ask(client, **changes)
        assert (answer.status_code, said in answer.text) == (400, True), changes
    assert "<script>" not in ask(client, reden="<script>x", stadsdeel="").text
    assert value(site_url, "select count(*) from intern.noodtoegang") == 0


@pytest.mark.parametrize("form", [{}, {"csrf": ""}, {"csrf": "een.ander"}])
def test_a_form_from_elsewhere_is_refused(site_url: str, browser, form: dict[str, str]) -> None:
    client = browser(REGISSEUR)
    assert client.post("/noodtoegang", data=form | {"stadsdeel": ZUID, "reden": REASON}).status_code == 403
    assert value(site_url, "select count(*) from intern.noodtoegang") == 0


@pytest.mark.parametrize("name", [name for name in VIEWERS if name != "wijkregisseur"])
def test_nobody_else_can_ask(site_url: str, website: Website, browser, name: str) -> None:
    viewer = VIEWERS[name]
    assert website.get("/noodtoegang", viewer).status_code == 404
    client = browser(viewer)
    form = {"csrf": code_of(client, "/") if viewer.ingelogd else "x", "stadsdeel": ZUID, "reden": REASON}
    assert client.post("/noodtoegang", data=form).status_code == 404
    assert value(site_url, "select count(*) from intern.noodtoegang") == 0


@pytest.mark.parametrize("name", [name for name in VIEWERS if name != "beheerder"])
def test_the_page_of_the_beheerder_is_for_the_beheerder(website: Website, name: str) -> None:
    for viewer in (VIEWERS[name], None):
        assert website.get("/beheer", viewer).status_code == 404
        assert website.client.post("/beheer/noodtoegang/1/einde", headers=bearer(viewer)).status_code == 404
    assert website.get("/beheer", BEHEERDER).status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        "'GM9001', 'x', 'k', 'wijkregisseur', 'kort', now() + interval '1 hour'",
        "'GM9001', 'x', 'k', 'wijkregisseur', 'een goede reden', now() + interval '25 hours'",
        "'GM9001', 'x', 'k', 'wijkregisseur', 'een goede reden', now() - interval '1 hour'",
    ],
)
def test_the_database_itself_knows_the_limits(site_url: str, values: str) -> None:
    import psycopg

    with pytest.raises(psycopg.errors.CheckViolation):
        change(
            site_url,
            f"insert into intern.noodtoegang (gemeente_code, stadsdeel_code, actor, rol, reden, tot) values ({values})",
        )
