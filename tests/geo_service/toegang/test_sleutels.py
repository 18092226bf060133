"""Keys of researchers: made on the command line, used on the API, ended everywhere."""

from __future__ import annotations

import re

import pytest

from geo_service.identity import Role, Viewer
from geo_service.toegang.onthouden import Onthouden, Toegelaten
from geo_service.toegang.sleutels import BAD_KEY, make_sleutel
from tests.geo_service.api.website import SECRET
from tests.geo_service.support import call_cli, change, rows, value

KEY = re.compile(r"bs_[0-9a-f]{16}_[A-Za-z0-9_-]{43}")
POINTS = "/v1/collections/meldingen/items"
OURS = SECRET.decode()
STAFF = ("--gemeente", "GM0153", "--stadsdeel", "GM0153-SD-noord")


def make(url, *words, naam="Onderzoek", secret=OURS):
    done = call_cli("sleutels", "maak", "--naam", naam, *words, url=url, geheim=secret)
    assert done.returncode == 0, done.stderr
    key = done.stdout.splitlines()[0]
    assert KEY.fullmatch(key)
    return key


def id_of(key):
    return key.split("_")[1]


def ask(site, key, path="/v1/collections", header="Authorization"):
    value = f"Bearer {key}" if header == "Authorization" else key
    return site.client.get(path, headers={header: value})


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key"])
def test_a_researcher_comes_in_with_a_key(site, toegang_url, header):
    key = make(toegang_url)
    answer = ask(site, key, header=header)
    assert answer.status_code == 200
    assert answer.headers["RateLimit-Policy"]
    assert ask(site, key, POINTS, header=header).status_code == 404


def test_a_regisseur_may_have_a_key_of_the_own_stadsdeel(site, toegang_url):
    key = make(toegang_url, "--rol", "wijkregisseur", *STAFF)
    assert ask(site, key, POINTS).status_code == 200
    page = site.client.get("/uitleg", headers={"X-Api-Key": key, "accept": "text/html"}).text
    assert "wijkregisseur</strong>, stadsdeel Noord" in page


def test_only_a_hash_is_stored_and_the_key_is_shown_once(toegang_url):
    key = make(toegang_url, naam="Universiteit [bold]Twente[/]")
    stored = rows(toegang_url, "select k::text from intern.api_sleutel k where sleutel_id = %s", id_of(key))
    assert len(stored) == 1
    assert key.split("_", 2)[2] not in stored[0][0]
    listed = call_cli("sleutels", "lijst", url=toegang_url).stdout
    assert key.split("_", 2)[2] not in listed
    (line,) = (line for line in listed.splitlines() if id_of(key) in line)
    assert "onderzoeker" in line
    assert "nooit gebruikt" in line
    assert "Universiteit [bold]Twente[/]" in line


def test_the_day_of_use_is_noted_but_not_for_a_wrong_guess(site, toegang_url):
    key = make(toegang_url)
    question = "select gebruikt_op is not distinct from current_date from intern.api_sleutel where sleutel_id = %s"
    assert ask(site, key[:-1] + ("A" if key[-1] != "A" else "B")).status_code == 401
    assert value(toegang_url, question, id_of(key)) is False
    assert ask(site, key).status_code == 200
    assert value(toegang_url, question, id_of(key)) is True


def test_a_revoked_key_is_dead_and_cannot_be_revoked_twice(site, toegang_url):
    key = make(toegang_url)
    assert call_cli("sleutels", "intrek", id_of(key), url=toegang_url).returncode == 0
    answer = ask(site, key)
    assert (answer.status_code, answer.json()["detail"]) == (401, BAD_KEY)
    again = call_cli("sleutels", "intrek", id_of(key), url=toegang_url)
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert "ingetrokken" in call_cli("sleutels", "lijst", url=toegang_url).stdout


def test_an_expired_key_is_dead(site, toegang_url):
    key = make(toegang_url, "--dagen", 1)
    change(toegang_url, "update intern.api_sleutel set eindigt_op = now() where sleutel_id = %s", id_of(key))
    assert ask(site, key).status_code == 401
    assert f"{id_of(key)}  verlopen" in call_cli("sleutels", "lijst", url=toegang_url).stdout


def test_a_key_made_with_another_secret_is_worth_nothing(site, toegang_url):
    assert ask(site, make(toegang_url, secret="een ander geheim van meer dan tweeendertig tekens")).status_code == 401


def test_a_made_up_key_opens_nothing_and_is_not_repeated(site, toegang_url):
    known = make(toegang_url)
    invented, *_ = make_sleutel(SECRET)
    guesses = [
        invented, known[:-1], known + "A", known.upper(), f"bs_{id_of(known)}_{invented.split('_', 2)[2]}", "bs_",
        "bs__", f"bs_{id_of(invented)}_{known.split('_', 2)[2]}", known.replace("_", "-"), "bs_%_%",
        f"{known}\u00e9", "",
    ]  # fmt: skip
    for guess in guesses:
        answer = site.client.get("/v1/collections", headers={"X-Api-Key": guess.encode()})
        assert answer.status_code == 401, guess
        assert not guess or guess not in answer.text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--rol", "beheerder"), "bestaat niet"),
        (("--rol", "gegevensbeheerder"), "bestaat niet"),
        (("--rol", "publiek"), "bestaat niet"),
        (("--rol", "wijkregisseur"), "--stadsdeel nodig"),
        (("--rol", "wijkregisseur", "--gemeente", "GM0153"), "--stadsdeel nodig"),
        (("--rol", "wijkregisseur", "--gemeente", "GM0106", "--stadsdeel", "GM0153-SD-noord"), "--stadsdeel nodig"),
        (("--rol", "stadsdeelmanager", "--gemeente", "Enschede", "--stadsdeel", "alle"), "--stadsdeel nodig"),
        (STAFF, "laat --gemeente"),
    ],
)
def test_a_key_with_too_much_is_not_made(toegang_url, words, sentence):
    before = value(toegang_url, "select count(*) from intern.api_sleutel")
    done = call_cli("sleutels", "maak", "--naam", "x", *words, url=toegang_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert value(toegang_url, "select count(*) from intern.api_sleutel") == before


@pytest.mark.parametrize("naam", ["", "   ", "x" * 101, "a\nb", "\x1b[31m"])
def test_a_key_needs_a_decent_name(toegang_url, naam):
    assert call_cli("sleutels", "maak", "--naam", naam, url=toegang_url).returncode == 1


def test_what_is_remembered_ends_by_itself_and_at_its_own_end():
    """A revoked key or session works for some seconds more in a process that just saw it, and no longer."""
    now = [1000.0]
    viewer = Viewer(Role.ONDERZOEKER)
    memory = Onthouden(seconds=5, clock=lambda: now[0])
    memory.put(b"a", Toegelaten(viewer, 2000))
    memory.put(b"b", Toegelaten(viewer, 1002))
    now[0] = 1001
    assert (memory.get(b"a"), memory.get(b"b")) == (viewer, viewer)
    now[0] = 1002
    assert (memory.get(b"a"), memory.get(b"b")) == (viewer, None)
    now[0] = 1005
    assert memory.get(b"a") is None
    now[0] = 1001
    memory.forget(b"a")
    assert memory.get(b"a") is None
