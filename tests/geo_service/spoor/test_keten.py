"""The check of the log: what an intruder who passed all guards of the database changes, it tells, and where."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.spoor.gebeurtenis import Gebeurtenis, shortened
from geo_service.spoor.keten import Regel
from geo_service.spoor.sleutel import Ondertekenaar
from tests.geo_service.server import as_user
from tests.geo_service.spoor.conftest import DAYS, LINES, append, event, shift_day, unguarded
from tests.geo_service.support import call_cli, load, rows, value

MIDDLE = DAYS[1]
HASH = """sha256(convert_to(jsonb_build_array(dag::text, nummer, to_char(moment at time zone 'UTC',
    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor, rol, handeling, object, uitkomst, herkomst, kenmerk,
    encode(vorige, 'hex'))::text, 'UTF8'))"""


def check(url: str, *words: Any) -> tuple[int, str]:
    done = call_cli("logboek", "controleer", *words, url=url)
    return done.returncode, done.stdout + done.stderr


def faults(url: str, *words: Any) -> list[str]:
    """What the check said, without its last sentence."""
    code, said = check(url, *words)
    assert code == 1, said
    return said.strip().splitlines()[:-1]


def test_a_log_that_nobody_touched_is_whole(log_url: str) -> None:
    assert check(log_url) == (
        0,
        f"Het logboek klopt: {3 * LINES} regels op 3 dagen, 0 dagen verwijderd na hun bewaartermijn.\n",
    )


def test_an_empty_log_is_whole(url: str) -> None:
    assert check(url)[0] == 0


WHERE = f"where dag = '{MIDDLE}'"
FIRST, SECOND, LAST = (f"{day:%d-%m-%Y}" for day in DAYS)
NOTHING = "decode(repeat('00', 64), 'hex')"
CHANGED = "deze regel is veranderd."
CUT_OFF = "sluit niet aan op de dag ervoor: daar zijn regels of hele dagen verwijderd."
FORGED = "het zegel is vervalst."


def remove_day(day: date) -> list[str]:
    return [f"delete from intern.{table} where dag = '{day}'" for table in ("logboek", "logboek_zegel")]


#  what an intruder does to the log, and what the check says of it
TAMPERED = {
    "another outcome": (
        [f"update intern.logboek set uitkomst = '404' {WHERE} and nummer = 3"],
        [f"{SECOND} regel 3: {CHANGED}"],
    ),
    "a microsecond later": (
        [f"update intern.logboek set moment = moment + interval '1 microsecond' {WHERE} and nummer = 1"],
        [f"{SECOND} regel 1: {CHANGED}"],
    ),
    "one line gone": (
        [f"delete from intern.logboek {WHERE} and nummer = 3"],
        [f"{SECOND} regel 4: hiervoor ontbreekt regel 3."],
    ),
    "two lines gone": (
        [f"delete from intern.logboek {WHERE} and nummer in (2, 3)"],
        [f"{SECOND} regel 4: hiervoor ontbreekt regel 2 tot en met 3."],
    ),
    "a line added at the end of a day": (
        [
            "insert into intern.logboek select dag, 7, moment, actor, rol, handeling, object, uitkomst, herkomst, "
            f"kenmerk, hash, sha256('x') from intern.logboek {WHERE} and nummer = 6"
        ],
        [f"{SECOND} regel 7: {CHANGED}", f"{LAST} regel 1: {CUT_OFF}"],
    ),
    "a day gone": (remove_day(DAYS[1]), [f"{LAST} regel 1: {CUT_OFF}"]),
    "the first day gone": (remove_day(DAYS[0]), [f"{SECOND} regel 1: {CUT_OFF}"]),
    "the last line gone": (
        [f"delete from intern.logboek where dag = '{DAYS[2]}' and nummer = 6"],
        [
            f"{LAST} regel 6: deze regel is verzegeld en staat niet meer in het logboek.",
            f"{LAST} regel 5: vanaf hier staan 1 regels zonder geldig zegel.",
        ],
    ),
    "the last seal gone": (
        [f"delete from intern.logboek_zegel where dag = '{DAYS[2]}' and nummer = 6"],
        [f"{LAST} regel 5: vanaf hier staan 2 regels zonder geldig zegel."],
    ),
    "a forged seal": (
        [f"update intern.logboek_zegel set handtekening = {NOTHING} {WHERE} and nummer = 4"],
        [f"{SECOND} regel 4: {FORGED}"],
    ),
    "a seal of another key": (
        [f"update intern.logboek_zegel set sleutel = 'vreemd' {WHERE} and nummer = 4"],
        [f"{SECOND} regel 4: het zegel is van een onbekende sleutel."],
    ),
    "a day as if removed by retention": (
        [
            f"insert into intern.logboek_verwijderd select '2026-02-28', 3, '', sha256('x'), {NOTHING}, sleutel "
            "from intern.logboek_zegel limit 1"
        ],
        [f"28-02-2026: {FORGED}", f"{FIRST} regel 1: {CUT_OFF}"],
    ),
}


@pytest.mark.parametrize(("statements", "expected"), TAMPERED.values(), ids=TAMPERED)
def test_what_was_done_to_it_is_told(
    log_url: str, tamper: Callable[..., None], statements: list[str], expected: list[str]
) -> None:
    tamper(*statements)
    assert faults(log_url) == expected


def test_two_lines_that_changed_places_are_found(log_url: str, tamper: Callable[..., None]) -> None:
    tamper(
        f"update intern.logboek set nummer = 99 {WHERE} and nummer = 2",
        f"update intern.logboek set nummer = 2 {WHERE} and nummer = 3",
        f"update intern.logboek set nummer = 3 {WHERE} and nummer = 99",
    )
    said = faults(log_url)
    assert {line.partition(":")[0] for line in said} == {f"02-03-2026 regel {number}" for number in (2, 3, 4)}
    assert any("verplaatst" in line for line in said)


def rechain(connection: psycopg.Connection, day: date, number: int) -> None:
    """Compute the hashes anew from a line on, as somebody would who knows our code."""
    places = connection.execute(
        "select dag, nummer from intern.logboek where (dag, nummer) >= (%s, %s) order by 1, 2", (day, number)
    ).fetchall()
    before = None
    for place in places:
        at = "where dag = %s and nummer = %s"
        if before is not None:
            connection.execute(f"update intern.logboek set vorige = %s {at}".encode(), (before, *place))
        row = connection.execute(
            f"update intern.logboek set hash = {HASH} {at} returning hash".encode(), place
        ).fetchone()
        before = row[0] if row else None


def test_who_computes_the_whole_chain_anew_is_stopped_by_the_seals(log_url: str) -> None:
    """A superuser who has everything but the secret of the service."""
    with unguarded(log_url) as connection:
        connection.execute(f"update intern.logboek set actor = 'een ander' {WHERE} and nummer = 2".encode())
        rechain(connection, MIDDLE, 2)
    sealed = [f"{day} regel {number}" for day in (SECOND, LAST) for number in (4, 6)]
    assert faults(log_url) == [
        *(f"{place}: deze regel is een andere dan er verzegeld is." for place in sealed),
        f"{SECOND} regel 1: vanaf hier staan 12 regels zonder geldig zegel.",
    ]


def test_an_end_that_was_cut_off_with_its_seals_is_found_by_a_seal_that_was_kept(
    log_url: str, tamper: Callable[..., None], tmp_path: Path
) -> None:
    kept = tmp_path / "zegel.json"
    kept.write_text(load("logboek", "zegel", url=log_url), encoding="utf-8")
    tamper(
        *(
            f"delete from intern.{table} where dag = '{DAYS[2]}' and nummer > 4"
            for table in ("logboek", "logboek_zegel")
        )
    )
    assert check(log_url)[0] == 0
    assert faults(log_url, "--zegel", kept) == [
        "05-03-2026 regel 6: de regel van het bewaarde zegel staat niet meer in het logboek."
    ]


def test_a_kept_seal_that_is_forged_is_told(log_url: str, tmp_path: Path) -> None:
    kept = tmp_path / "zegel.json"
    held = json.loads(load("logboek", "zegel", url=log_url))
    kept.write_text(json.dumps(held | {"handtekening": "00" * 64}), encoding="utf-8")
    assert faults(log_url, "--zegel", kept) == ["05-03-2026 regel 6: het bewaarde zegel: het zegel is vervalst."]
    kept.write_text("{}", encoding="utf-8")
    assert "is geen bewaard zegel" in check(log_url, "--zegel", kept)[1]


def test_part_of_the_log_can_be_checked(log_url: str, tamper: Callable[..., None]) -> None:
    assert check(log_url, "--van", MIDDLE, "--tot", MIDDLE)[0] == 0
    tamper(f"update intern.logboek set rol = 'beheerder' where dag = '{DAYS[2]}' and nummer = 2")
    assert check(log_url, "--tot", MIDDLE) == (
        0,
        "Het logboek klopt: 12 regels op 2 dagen, 0 dagen verwijderd na hun bewaartermijn.\n",
    )
    assert faults(log_url, "--van", DAYS[2]) == ["05-03-2026 regel 2: deze regel is veranderd."]
    # A day in the middle that stands on nothing.
    tamper(f"delete from intern.logboek where dag = '{MIDDLE}'")
    assert any("sluit niet aan" in line for line in faults(log_url, "--van", DAYS[2]))


def test_after_a_new_secret_the_old_public_key_still_proves_the_old_seals(log_url: str) -> None:
    old = load("logboek", "sleutel", url=log_url).split()
    own = Ondertekenaar(b"een heel ander geheim van dertig tekens")
    other = {"geheim": "een heel ander geheim van dertig tekens"}
    assert load("logboek", "sleutel", url=log_url, **other).split() == [own.sleutel, own.publiek.hex()]
    done = call_cli("logboek", "controleer", "--tot", DAYS[1], url=log_url, **other)
    assert "onbekende sleutel" in done.stdout
    assert (
        call_cli("logboek", "controleer", "--tot", DAYS[1], "--sleutel", old[1], url=log_url, **other).returncode == 0
    )


def test_a_clock_that_goes_back_starts_no_day_of_the_past(log_url: str) -> None:
    with psycopg.connect(log_url) as connection:
        shift_day(connection, DAYS[0])
        append(connection, event(9))
    assert value(log_url, "select max(dag) from intern.logboek") == DAYS[2]
    assert check(log_url)[0] == 0


@pytest.mark.parametrize(
    "words", [("--van", "gisteren"), ("--van", "2026-03-02", "--tot", "2026-03-01"), ("--sleutel", "xyz")]
)
def test_a_question_that_makes_no_sense_is_refused(log_url: str, words: tuple[str, ...]) -> None:
    code, said = check(log_url, *words)
    assert code == 1
    assert said.startswith("Geweigerd: ")


def test_toon_shows_lines_by_day_actor_and_act(log_url: str) -> None:
    lines = load("logboek", "toon", "--van", DAYS[2], "--tot", DAYS[2], url=log_url).splitlines()
    assert len(lines) == LINES
    assert lines[0].split("  ")[0] == "2026-03-05#1"
    assert load("logboek", "toon", "--actor", "k_1", url=log_url) == "Er zijn geen regels gevonden.\n"
    assert len(load("logboek", "toon", "--object", "/v1/3", "--tot", DAYS[2], url=log_url).splitlines()) == 3
    assert len(load("logboek", "toon", "--aantal", 2, "--handeling", "lez", url=log_url).splitlines()) == 2


@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),
)
def test_two_events_never_have_one_text(first: str, second: str, moment: datetime) -> None:
    def hash_of(actor: str, rol: str) -> bytes:
        return Regel(date(2026, 1, 1), 1, moment, actor, rol, "", "", "", "", "", b"", b"").right_hash

    if first != second:
        safe = [text.encode("utf-8", "replace").decode() for text in (first, second)]
        if safe[0] != safe[1]:
            assert hash_of(*safe) != hash_of(*reversed(safe))
            assert hash_of(safe[0] + safe[1], "") != hash_of(*safe) or not safe[1]


ODD = ["", "a\x00b", "\ud800", "regel\neen", "é€😀", '"]', "\\u0000", "\x7f\x1f", "x" * 9999, "＜script＞", "NULL"]


def test_the_database_and_the_check_hash_every_text_alike(url: str) -> None:
    """Texts that a request can bring: none of them stops the log, and each line is proved."""
    with psycopg.connect(url) as connection:
        append(connection, *(event(object=text, actor=text, herkomst=text) for text in ODD))
    assert value(url, "select count(*) from intern.logboek") == len(ODD)
    assert check(url)[0] == 0


@pytest.mark.parametrize(
    ("address", "kept"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("", ""), ("unix", ""), ("1.2.3", "")],
)
def test_an_address_is_kept_without_its_end(address: str, kept: str) -> None:
    assert shortened(address) == kept


# --- rights and triggers


CHANGES = [
    "update intern.logboek set actor = 'x'",
    "delete from intern.logboek",
    "truncate intern.logboek",
    "update intern.logboek_zegel set sleutel = 'x'",
    "delete from intern.logboek_zegel",
    "truncate intern.logboek, intern.logboek_zegel",
    "delete from intern.logboek where dag = '2026-03-01'",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_not_even_the_owner_changes_a_line_by_mistake(log_url: str, statement: str) -> None:
    with psycopg.connect(log_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


@pytest.mark.parametrize("role", ["bs_publiek", "bs_dienst", "bs_toegang", "bs_werk"])
@pytest.mark.parametrize(
    "statement",
    [
        *CHANGES, "select * from intern.logboek", "select * from intern.logboek_zegel",
        "insert into intern.logboek_zegel values ('2026-03-01', 1, '', '', 'x')",
        "insert into intern.logboek_verwijderd values ('2026-03-01', 1, '', '', '', 'x')",
        "select intern.logboek_opruimen('2026-03-01', '', '', 'x')",
        "alter table intern.logboek disable trigger all",
    ],
)  # fmt: skip
def test_no_request_role_reads_or_changes_the_log(log_url: str, role: str, statement: str) -> None:
    with psycopg.connect(as_user(log_url, role)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_only_the_role_at_the_door_adds_lines(log_url: str) -> None:
    with psycopg.connect(as_user(log_url, "bs_toegang")) as connection:
        append(connection, event(1), Gebeurtenis("k-2", "beheerder", "inloggen", "", "gelukt"))
    assert rows(log_url, "select nummer, actor from intern.logboek where dag > '2026-03-05' order by 1") == [
        (1, "k-1"),
        (2, "k-2"),
    ]
    for role in ("bs_publiek", "bs_dienst"):
        with psycopg.connect(as_user(log_url, role)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            append(connection, event())
    assert check(log_url)[0] == 0


def test_a_seal_for_a_line_that_is_not_there_is_not_taken(log_url: str) -> None:
    with psycopg.connect(as_user(log_url, "bs_toegang")) as connection:
        connection.execute(
            "select intern.verzegel('2026-03-01', 1, sha256('x'), '', 'x'), "
            "intern.verzegel('2026-03-01', 77, '', '', 'x')"
        )
    assert value(log_url, "select count(*) from intern.logboek_zegel") == 6
