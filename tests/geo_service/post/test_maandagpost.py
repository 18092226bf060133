"""The mail of Monday morning, through a real mail server: nobody gets it unasked or twice, and it is all public."""

from __future__ import annotations

import email
import email.policy
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from geo_service.identity import Viewer
from geo_service.jobs.maandagpost import send_monday_mail, week_of
from geo_service.post.merk import make_merk, open_merk
from tests.conftest import ROOT
from tests.geo_service import dorp
from tests.geo_service.api.website import SECRET, Website, serve, viewers_of
from tests.geo_service.server import Server
from tests.geo_service.support import call_cli, change, load, rows, settings, value
from tests.geo_service.werk.conftest import Person, person

__all__ = ["person"]

NOORD = f"{dorp.GEMEENTE}-SD-noord"
REGISSEUR = viewers_of(dorp.GEMEENTE, NOORD)["wijkregisseur"]
MANAGER = viewers_of(dorp.GEMEENTE, NOORD)["stadsdeelmanager"]
SITE = "https://buurt.example.nl"
MAANDAG, VOLGENDE = date(2026, 11, 23), date(2026, 11, 30)
QUARTERS = [f"{year}-{month:02d}" for year in (2023, 2024, 2025) for month in (2, 5, 8, 11)]
USUAL, RISE = 30, 140
RISEN = "where gebied_code = %s and periode = '2025-Q4' and categorie = 'alle'"
Come = Callable[[Viewer], Person]


class Postkantoor:
    def __init__(self, port: int, folder: Path):
        self.port, self._folder = port, folder

    def empty(self) -> None:
        for path in self._folder.glob("*.json"):
            path.unlink()

    @property
    def post(self) -> list[tuple[str, EmailMessage]]:
        """What was delivered: address and mail, in order."""
        found = []
        for path in sorted(self._folder.glob("*.json")):
            told = json.loads(path.read_text(encoding="utf-8"))
            message = email.message_from_string(told["inhoud"], policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            found.append((told["aan"][0], message))
        return found


@pytest.fixture(scope="module")
def open_kantoor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postkantoor]:
    folder = tmp_path_factory.mktemp("post")
    command = [sys.executable, "-m", "tests.geo_service.post.postkantoor", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Postkantoor(int(process.stdout.readline()), folder)
        finally:
            process.terminate()


@pytest.fixture
def kantoor(open_kantoor: Postkantoor) -> Postkantoor:
    """Without mail of an earlier test."""
    open_kantoor.empty()
    return open_kantoor


@pytest.fixture(scope="module")
def nieuws_url(server: Server, worker: str, loaded: Callable[[str], str], tmp_path_factory: Any) -> str:
    """Three years of quarters; in the last one buurt of Noord has far more than its own past."""
    reports, number = [], 0
    for month in QUARTERS:
        for buurt in dorp.MIDDLE:
            for turn in range(RISE if (month, buurt) == (QUARTERS[-1], dorp.NW) else USUAL):
                number += 1
                moment = f"{month}-{1 + turn % 28:02d}T12:00:00Z"
                reports.append(dorp.melding(number, buurt=buurt, created_at=moment))
    # The source covers through the end of that quarter.
    reports.append(dorp.melding(number + 1, buurt=dorp.NW, created_at="2026-01-12T12:00:00Z"))
    url = server.clone(loaded("dorp"), f"{worker}_maandagpost")
    path = dorp.write_csv(tmp_path_factory.mktemp("lijst") / "lijst.csv", reports)
    load("ingest", "meldingen", path, "--bron", "lijst", url=url)
    return url


@pytest.fixture
def werk_url(nieuws_url: str) -> str:
    """Nobody is subscribed."""
    change(nieuws_url, "delete from intern.abonnement")
    return nieuws_url


@pytest.fixture(scope="module")
def ingesteld(open_kantoor: Postkantoor) -> Iterator[None]:
    with settings(
        smtp_host="127.0.0.1", smtp_poort=open_kantoor.port, smtp_afzender="post@example.nl", smtp_beveiliging="geen",
        openbaar_adres=SITE, hosts='["127.0.0.1"]', geheim=SECRET.decode(),
    ):  # fmt: skip
        yield


@pytest.fixture(scope="module")
def website(nieuws_url: str, ingesteld: None) -> Iterator[Website]:
    with serve(nieuws_url) as running:
        yield running


def subscribe(url: str, adres: str, viewer: Viewer = REGISSEUR, *, confirmed: bool = True, wie: str = "") -> int:
    change(
        url,
        "insert into intern.abonnement (gemeente_code, stadsdelen, medewerker, adres, bevestigd_op) "
        "values (%s, %s, %s, %s, case when %s then now() end)",
        viewer.gemeente, sorted(viewer.stadsdelen), wie or adres, adres, confirmed,
    )  # fmt: skip
    return value(url, "select max(nummer) from intern.abonnement")


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part
    return part.get_content()


def send(url: str, dag: date = MAANDAG):
    return send_monday_mail(url, vandaag=dag)


def test_what_changed_is_told_once_a_week_with_public_figures(werk_url: str, kantoor: Postkantoor, ingesteld: None):
    subscribe(werk_url, "noord@example.nl")
    assert send(werk_url).verstuurd == 1
    assert send(werk_url).verstuurd == 0
    ((adres, message),) = kantoor.post
    text = text_of(message)
    assert adres == message["To"] == "noord@example.nl"
    assert message["Subject"] == "Maandagpost Buurtsignaal: 1 verandering"
    public = value(werk_url, f"select aantal from publiek.cijfer {RISEN}", dorp.NW)
    assert public == RISE
    assert f": {RISE} meldingen. Meer dan verwacht: ongeveer 30,0 (tussen" in text
    assert f"{SITE}/gebied/{dorp.NW}" in text
    assert "Bron: lijst" in text
    html = message.get_body(("html",))
    assert html
    assert f'href="{SITE}/gebied/{dorp.NW}"' in html.get_content()
    assert send(werk_url, VOLGENDE).verstuurd == 1
    _, second = kantoor.post[-1]
    assert second["Subject"] == "Maandagpost Buurtsignaal: niets bijzonders"
    assert "geen nieuwe periode vrijgegeven" in text_of(second)


def test_the_areas_of_others_are_not_in_it(werk_url: str, kantoor: Postkantoor, ingesteld: None):
    other = Viewer(REGISSEUR.role, dorp.GEMEENTE, frozenset({f"{dorp.GEMEENTE}-SD-zuid"}))
    subscribe(werk_url, "zuid@example.nl", other)
    send(werk_url)
    ((_, message),) = kantoor.post
    assert message["Subject"].endswith("niets bijzonders")
    assert dorp.NW not in text_of(message)


def test_what_is_hidden_from_the_public_is_in_no_mail(werk_url: str, kantoor: Postkantoor, ingesteld: None):
    subscribe(werk_url, "noord@example.nl", MANAGER)
    change(werk_url, f"update publiek.cijfer set aantal = null, status = 'onderdrukt' {RISEN}", dorp.NW)
    try:
        send(werk_url)
    finally:
        change(werk_url, f"update publiek.cijfer set aantal = {RISE}, status = 'ok' {RISEN}", dorp.NW)
    ((_, message),) = kantoor.post
    assert message["Subject"].endswith("niets bijzonders")
    assert (dorp.NW in text_of(message), str(RISE) in text_of(message)) == (False, False)


def test_one_address_that_fails_stops_nobody_and_is_tried_again(werk_url: str, kantoor: Postkantoor, ingesteld: None):
    for naam in ("een", "weiger", "drie"):
        subscribe(werk_url, f"{naam}@example.nl")
    verslag = send(werk_url)
    assert (verslag.verstuurd, verslag.niet) == (2, 1)
    assert [adres for adres, _ in kantoor.post] == ["een@example.nl", "drie@example.nl"]
    change(werk_url, "update intern.abonnement set adres = 'weer@example.nl' where adres like 'weiger%%'")
    assert send(werk_url).verstuurd == 1
    assert [adres for adres, _ in kantoor.post] == ["een@example.nl", "drie@example.nl", "weer@example.nl"]


def test_what_perhaps_arrived_is_not_sent_again_that_week(werk_url: str, kantoor: Postkantoor, ingesteld: None):
    subscribe(werk_url, "breek@example.nl")
    subscribe(werk_url, "na@example.nl")
    first = send(werk_url)
    assert (first.onzeker, first.verstuurd + first.niet) == (1, 1)
    send(werk_url)
    assert sorted(adres for adres, _ in kantoor.post) == ["breek@example.nl", "na@example.nl"]


def test_a_mail_server_that_is_away_loses_nothing(werk_url: str, kantoor: Postkantoor, ingesteld: None):
    subscribe(werk_url, "noord@example.nl")
    said = call_cli(
        "maandagpost", url=werk_url, smtp_host="127.0.0.1", smtp_poort=9, smtp_afzender="post@example.nl",
        smtp_beveiliging="geen", openbaar_adres=SITE,
    )  # fmt: skip
    assert (said.returncode, "mailserver" in said.stderr) == (1, True)
    assert value(werk_url, "select verstuurd_week from intern.abonnement") is None
    assert send(werk_url).verstuurd == 1


def test_showing_sends_nothing_and_the_log_tells_no_address(werk_url: str, kantoor: Postkantoor, ingesteld: None):
    number = subscribe(werk_url, "noord@example.nl")
    said = call_cli("maandagpost", "--toon", url=werk_url)
    assert (said.returncode, "1 berichten wachten" in said.stdout, kantoor.post) == (0, True, [])
    assert "noord@example.nl" not in said.stdout
    send(werk_url)
    told = rows(werk_url, "select handeling, object, uitkomst from intern.logboek order by nummer desc limit 1")
    assert told == [("maandagpost", f"abonnement {number}", "verstuurd")]
    assert rows(werk_url, "select 1 from intern.logboek where object like '%%@%%'") == []


def test_nothing_goes_to_an_address_that_was_not_confirmed(werk_url: str, kantoor: Postkantoor, ingesteld: None):
    subscribe(werk_url, "onbevestigd@example.nl", confirmed=False)
    assert (send(werk_url).verstuurd, kantoor.post) == (0, [])


def test_from_asking_to_unsubscribing(werk_url: str, kantoor: Postkantoor, website: Website, person: Come):
    who = person(REGISSEUR)
    assert who.send("/maandagpost", "/maandagpost", adres="wie@example.nl").status_code == 303
    ((adres, message),) = kantoor.post
    assert adres == "wie@example.nl"
    assert send(werk_url).verstuurd == 0
    (link,) = re.findall(rf"{SITE}(\S+bevestigen\S+)", text_of(message))
    nobody = httpx.Client(base_url=website.address, headers={"accept": "text/html"})
    assert "Ja, stuur mij de maandagpost" in nobody.get(link).text
    assert value(werk_url, "select bevestigd_op from intern.abonnement") is None
    assert "U krijgt de maandagpost" in nobody.post(link).text
    assert "wie@example.nl" in who.see("/maandagpost")
    assert send(werk_url).verstuurd == 1
    _, weekly = kantoor.post[-1]
    assert weekly["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    off = urlsplit(weekly["List-Unsubscribe"].strip("<>"))
    one_click = nobody.post(f"{off.path}?{off.query}", data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    assert rows(werk_url, "select * from intern.abonnement") == []
    assert nobody.post(f"{off.path}?{off.query}").status_code == 200
    nobody.close()


def test_who_stops_on_the_page_is_gone_and_nobody_stops_for_them(werk_url: str, website: Website, person: Come):
    who, other = person(REGISSEUR), person(MANAGER)
    who.send("/maandagpost", "/maandagpost", adres="wie@example.nl")
    assert other.send("/maandagpost/stoppen", "/maandagpost").status_code == 303
    assert value(werk_url, "select count(*) from intern.abonnement") == 1
    assert "wie@example.nl" not in other.see("/maandagpost")
    assert who.send("/maandagpost/stoppen", "/maandagpost").status_code == 303
    assert value(werk_url, "select count(*) from intern.abonnement") == 0


def test_what_is_no_address_is_refused(werk_url: str, website: Website, person: Come):
    who = person(REGISSEUR)
    for adres in ("", "geen adres", "a@b", "a@b.nl\nBcc: c@d.nl", "x" * 250 + "@example.nl", "é@example.nl"):
        done = who.send("/maandagpost", "/maandagpost", adres=adres)
        assert (done.status_code, "Schrijf een e-mailadres" in done.text) == (400, True), adres
    assert value(werk_url, "select count(*) from intern.abonnement") == 0


def test_an_address_cannot_be_flooded_and_a_refused_one_is_not_kept(
    werk_url: str, kantoor: Postkantoor, website: Website, person: Come
):
    who, other = person(REGISSEUR), person(MANAGER)
    who.send("/maandagpost", "/maandagpost", adres="wie@example.nl")
    again = who.send("/maandagpost", "/maandagpost", adres="wie@example.nl")
    assert (again.status_code, len(kantoor.post)) == (400, 1)
    refused = other.send("/maandagpost", "/maandagpost", adres="weiger@example.nl")
    assert (refused.status_code, "kon niet worden verstuurd" in refused.text) == (400, True)
    assert rows(werk_url, "select adres from intern.abonnement") == [("wie@example.nl",)]


def test_a_mark_is_for_one_thing_and_cannot_be_made_elsewhere(werk_url: str, website: Website):
    number = subscribe(werk_url, "wie@example.nl", confirmed=False)
    off, other = make_merk(SECRET, "afmelden", number), make_merk(b"x" * 32, "bevestigen", number)
    assert open_merk(SECRET, "bevestigen", off) is None
    for merk in (off, other, "onzin", "", "x" * 600):
        assert website.client.post("/maandagpost/bevestigen", params={"merk": merk}).status_code == 404
    assert value(werk_url, "select bevestigd_op from intern.abonnement") is None
    for merk in (other, make_merk(SECRET, "bevestigen", number)):
        assert website.client.post("/maandagpost/afmelden", params={"merk": merk}).status_code == 404
    assert value(werk_url, "select count(*) from intern.abonnement") == 1


def test_nobody_without_an_area_can_ask(website: Website):
    page = website.client.get("/maandagpost", headers={"accept": "text/html"})
    assert (page.status_code, "Log eerst in" in page.text, "<form" in page.text.split("<main")[1]) == (200, True, False)


def test_a_week_has_a_name_that_years_do_not_mix_up():
    assert [week_of(date(2026, 12, 28)), week_of(date(2027, 1, 3)), week_of(date(2027, 1, 4))] == [
        "2026-W53", "2026-W53", "2027-W01",
    ]  # fmt: skip
