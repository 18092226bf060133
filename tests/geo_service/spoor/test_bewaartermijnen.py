"""Retention removes exactly what is past its term, tells so, and a later load brings nothing back."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from geo_service.db.write.kubus import rebuild_kubus
from geo_service.jobs.bewaartermijnen import Verslag, apply_retention
from tests.geo_service import dorp
from tests.geo_service.spoor.conftest import DAYS, append, event, shift_day
from tests.geo_service.support import call_cli, change, load, rows, settings, tables, value

TODAY = date(2026, 3, 31)
# A month before the last day of March: the last day of February.
KEPT_FROM = date(2026, 2, 28)
LOG = {"intern.logboek", "intern.logboek_zegel", "publiek.wijziging", "intern.opgeruimd"}
BRONNEN = """
[[bron]]
naam = "kort"
gemeente = "GM9001"
bewaartermijn = "1 maand"
[[bron]]
naam = "lang"
gemeente = "GM9001"
bewaartermijn = "10 jaar"
[[bron]]
naam = "balie"
gemeente = "GM9001"
bewaartermijn = "1 maand"
"""
MOMENTS = ("2024-05-01T10:00:00Z", "2026-02-27T22:59:59Z", "2026-02-27T23:00:00Z", "2026-03-30T12:00:00Z")


def reports(**changes: Any) -> list[dict[str, Any]]:
    return [dorp.melding(f"m{number}", created_at=moment, **changes) for number, moment in enumerate(MOMENTS)]


def load_reports(url: str, folder: Path, bron: str, rows_: list[dict[str, Any]]) -> str:
    return load("ingest", "meldingen", dorp.write_csv(folder / f"{bron}.csv", rows_), "--bron", bron, url=url)


VISITS = "id,datum,kanaal,wijkwijzer,thema,uitkomst,herkomst_buurt\n" + "".join(
    f"b{number},{day},fysiek,WW-1,Wonen,beantwoord,{dorp.ZW}\n"
    for number, day in enumerate(("2025-01-05", "2026-02-27", "2026-02-28", "2026-03-01"))
)


@pytest.fixture
def kept_url(dorp_url: str, tmp_path: Path) -> str:
    """Three sources of reports (one month, ten years, no term), one of visits, of two municipalities."""
    toml = tmp_path / "bronnen.toml"
    toml.write_text(BRONNEN, encoding="utf-8")
    load("ingest", "bronnen", toml, url=dorp_url)
    for bron in ("kort", "lang", "zonder"):
        load_reports(dorp_url, tmp_path, bron, reports())
    visits = tmp_path / "balie.csv"
    visits.write_text(VISITS, encoding="utf-8")
    load("ingest", "bezoeken", visits, "--bron", "balie", url=dorp_url)
    change(dorp_url, "insert into publiek.bron (gemeente_code, naam, laag) values ('GM9002', 'kort', 'meldingen')")
    change(
        dorp_url,
        "insert into intern.melding (gemeente_code, melding_id, jaar, bron, tijd, dag, tijd_onzeker, categorie) "
        "select 'GM9002', 1000 + melding_id, jaar, bron, tijd, dag, tijd_onzeker, categorie "
        "from intern.melding where bron = 'kort'",
    )
    return dorp_url


def contents(url: str) -> dict[str, set[str]]:
    """Every row of every table, as text."""
    return {
        table: {row for (row,) in rows(url, f"select t::text from {table} t")}
        for table in tables(url)
        if table not in LOG
    }


def retain(url: str, **options: Any) -> Verslag:
    return apply_retention(url, today=TODAY, **options)


def test_it_removes_what_is_past_its_term_and_nothing_else(kept_url: str) -> None:
    before = contents(kept_url)
    past = {
        "intern.melding": "gemeente_code = 'GM9001' and bron = 'kort' and dag < '2026-02-28'",
        "intern.bezoek": "bron = 'balie' and datum < '2026-02-28'",
    }
    going = {
        table: {row for (row,) in rows(kept_url, f"select t::text from {table} t where {where}")}
        for table, where in past.items()
    }
    keys = rows(
        kept_url,
        "select k::text from intern.melding_sleutel k "
        "join intern.melding m using (gemeente_code, bron, melding_id, jaar) "
        f"where m.{past['intern.melding'].replace('bron', 'm.bron')}",
    )
    going["intern.melding_sleutel"] = {row for (row,) in keys}
    assert {table: len(found) for table, found in going.items()} == {
        "intern.melding": 2,
        "intern.bezoek": 2,
        "intern.melding_sleutel": 2,
    }
    verslag = retain(kept_url)
    after = contents(kept_url)
    removed = {table: before[table] - after.get(table, set()) for table in before}
    # Rows of a table that is divided by year stand in its parts.
    parts = {row for table, found in removed.items() if table.startswith("intern.melding_2") for row in found}
    assert parts == going["intern.melding"]
    for table in ("intern.bezoek", "intern.melding_sleutel"):
        assert removed.pop(table) == going[table]
    assert {table for table, found in removed.items() if found and not table.startswith("intern.melding_2")} == set()
    assert {table for table in after if after[table] - before.get(table, set())} == set()
    assert verslag.verwijderd == 6


def test_the_days_around_the_border(kept_url: str) -> None:
    """A report of a month ago to the day stays, by the calendar of the Netherlands."""
    retain(kept_url)
    days = "select min(dag) from intern.melding where gemeente_code = 'GM9001' and bron = 'kort'"
    assert value(kept_url, days) == KEPT_FROM
    assert rows(kept_url, "select gemeente_code, bron, tot from intern.opgeruimd order by 2") == [
        ("GM9001", "balie", KEPT_FROM), ("GM9001", "kort", KEPT_FROM), ("GM9001", "lang", date(2016, 3, 31)),
    ]  # fmt: skip


def test_a_second_time_there_is_nothing_left_to_remove(kept_url: str) -> None:
    assert retain(kept_url).verwijderd == 6
    before = contents(kept_url)
    assert retain(kept_url).verwijderd == 0
    assert contents(kept_url) == before


def test_a_trial_tells_the_same_and_removes_nothing(kept_url: str) -> None:
    before, lines = contents(kept_url), value(kept_url, "select count(*) from intern.logboek")
    trial = retain(kept_url, proef=True)
    assert contents(kept_url) == before
    assert value(kept_url, "select count(*) from intern.logboek") == lines
    assert (trial.bronnen, trial.verwijderd) == (retain(kept_url).bronnen, 6)


def test_the_report_names_every_source_and_table(kept_url: str, tmp_path: Path) -> None:
    path = tmp_path / "verslag.json"
    said = load("bewaartermijnen", "--proef", "--rapport", path, url=kept_url)
    assert "Proef: er is niets verwijderd." in said
    assert "GM9001 · zonder\n  geen bewaartermijn vastgelegd; er is niets verwijderd" in said
    assert "Aantallen per gebied en dag, vrijgegeven cijfers en hotspots blijven" in said
    held = json.loads(path.read_text(encoding="utf-8"))
    assert [(bron["gemeente"], bron["bron"]) for bron in held["bronnen"]] == [
        ("GM9001", "balie"), ("GM9001", "kort"), ("GM9001", "lang"), ("GM9001", "zonder"), ("GM9002", "kort"),
    ]  # fmt: skip
    assert {item["tabel"] for item in held["dienst"]} == {
        "ingest_afkeur", "ingest_run", "noodtoegang", "sessie", "api_sleutel", "logboek",
        "notitie", "weergave", "laatste_bezoek", "correctie", "abonnement", "interventie_versie",
    }  # fmt: skip


def test_what_was_removed_stands_in_the_log(kept_url: str) -> None:
    retain(kept_url)
    said = rows(kept_url, "select object from intern.logboek where uitkomst = 'verwijderd' order by nummer")
    assert said == [
        ("bewaartermijnen GM9001 balie: bezoek 2",), ("bewaartermijnen GM9001 kort: melding 2, melding_sleutel 2",),
    ]  # fmt: skip


def cube(url: str) -> list[tuple[Any, ...]]:
    return rows(
        url,
        "select gemeente_code, bron, gebied_code, categorie, dag, tot, aantal from intern.kubus order by 1, 2, 3, 4, 5",
    )


def test_counts_stay_also_when_they_are_made_anew(kept_url: str) -> None:
    before = cube(kept_url)
    figures = rows(kept_url, "select * from publiek.cijfer order by 1, 2, 3, 4, 5, 6, 7")
    retain(kept_url)
    with psycopg.connect(kept_url) as connection:
        rebuild_kubus(connection, "GM9001")
    assert cube(kept_url) == before
    assert rows(kept_url, "select * from publiek.cijfer order by 1, 2, 3, 4, 5, 6, 7") == figures


def test_a_load_of_the_same_file_brings_nothing_back(kept_url: str, tmp_path: Path) -> None:
    retain(kept_url)
    before, counts = contents(kept_url), cube(kept_url)
    more = [*reports(), dorp.melding("nieuw", created_at="2023-01-01T10:00:00Z")]
    said = load_reports(kept_url, tmp_path, "kort", more)
    assert "5 gelezen" in said
    assert "2 ongewijzigd" in said
    assert "afgekeurd wegens bewaartermijn: 3" in said
    visits = tmp_path / "balie.csv"
    assert "afgekeurd wegens bewaartermijn: 2" in load("ingest", "bezoeken", visits, "--bron", "balie", url=kept_url)
    after = contents(kept_url)
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"intern.ingest_run", "intern.ingest_afkeur"}
    assert cube(kept_url) == counts
    # The key of a record that is not kept is not kept either.
    assert rows(kept_url, "select distinct sleutel from intern.ingest_afkeur where code = 'bewaartermijn'") == [("",)]


def test_a_file_with_old_records_only_is_refused(kept_url: str, tmp_path: Path) -> None:
    retain(kept_url)
    path = dorp.write_csv(tmp_path / "oud.csv", reports()[:1])
    done = call_cli("ingest", "meldingen", path, "--bron", "kort", url=kept_url)
    assert done.returncode == 1
    assert "bewaartermijn (1)" in done.stderr


def test_a_source_is_not_cleaned_while_it_is_being_loaded(kept_url: str) -> None:
    with psycopg.connect(kept_url) as other:
        other.execute("select pg_advisory_xact_lock(hashtextextended('inlezen:meldingen:kort', 0))")
        with settings(wachttijd_inlezen=0):
            done = call_cli("bewaartermijnen", url=kept_url, wachttijd_inlezen=0)
    assert done.returncode == 1
    assert "Er loopt al een inlezing" in done.stderr


# --- what the service keeps about itself


def test_rejects_and_reports_of_loads_go_after_a_term_of_their_own(kept_url: str) -> None:
    change(
        kept_url,
        "insert into intern.ingest_run (gemeente_code, laag, bron, bestand, uitkomst, aantallen, opmerkingen, "
        "begonnen_op) select 'GM9001', laag, laag, 'x', 'opgeslagen', '{}', '[]', "
        "now() - make_interval(months => age) - interval '1 day' "
        "from unnest(array['a', 'b', 'demo', 'c'], array[24, 3, 24, 2]) as r (laag, age)",
    )
    change(
        kept_url,
        "insert into intern.ingest_afkeur select run_id, 1, 'x', 'x', 'x' from intern.ingest_run "
        "where laag in ('a', 'b', 'c')",
    )
    retain(kept_url)
    made = "select laag from intern.ingest_run where laag in ('a', 'b', 'c', 'demo') order by 1"
    assert rows(kept_url, made) == [("b",), ("c",), ("demo",)]
    assert rows(kept_url, "select laag from intern.ingest_afkeur join intern.ingest_run using (run_id)") == [("c",)]


def test_ended_sessions_keys_and_emergency_accesses_go(kept_url: str) -> None:
    change(
        kept_url,
        "insert into intern.noodtoegang (gemeente_code, stadsdeel_code, actor, rol, reden, van, tot) "
        "select 'GM9001', 'x', age::text, 'wijkregisseur', 'een goede reden', d.toen, d.toen + interval '1 hour' "
        "from unnest(array[24, 23]) age, lateral (select now() - make_interval(months => age, days => 1) as toen) d",
    )
    change(kept_url, "insert into intern.sessie (sessie_hash, kijker, rol, stadsdelen, eindigt_op, stil_seconden) "
        "select sha256(n::text::bytea), n, 'beheerder', '{}', now() + n * interval '1 hour', 3600 "
        "from unnest(array[-1, 1]) n")  # fmt: skip
    change(kept_url, "insert into intern.api_sleutel (sleutel_id, sleutel_hash, naam, rol, stadsdelen, "
        "eindigt_op) select n, '', 'x', 'onderzoeker', '{}', now() - n * interval '31 days' "
        "from unnest(array[30, 1, -1]) n")  # fmt: skip
    retain(kept_url)
    assert rows(kept_url, "select actor from intern.noodtoegang") == [("23",)]
    assert rows(kept_url, "select kijker from intern.sessie") == [("1",)]
    assert rows(kept_url, "select sleutel_id from intern.api_sleutel order by 1") == [("-1",), ("1",)]


def test_whole_days_of_the_log_go_and_the_check_still_holds(log_url: str) -> None:
    with settings(logboek_maanden=1):
        verslag = apply_retention(log_url, today=date(2026, 4, 5))
    assert [item.verwijderd for item in verslag.dienst if item.tabel == "logboek"] == [12]
    assert rows(log_url, "select dag, count(*) from intern.logboek group by 1 order by 1 limit 1") == [(DAYS[2], 6)]
    assert rows(log_url, "select dag, aantal from intern.logboek_verwijderd order by 1") == [(DAYS[0], 6), (DAYS[1], 6)]
    assert value(log_url, "select min(dag) from intern.logboek_zegel") == DAYS[2]
    done = call_cli("logboek", "controleer", url=log_url)
    assert done.returncode == 0, done.stdout
    assert "2 dagen verwijderd" in done.stdout


def test_the_remains_of_a_day_cannot_be_changed_or_left_out(log_url: str) -> None:
    with settings(logboek_maanden=1):
        apply_retention(log_url, today=date(2026, 4, 5))
    for statement in (
        "update intern.logboek_verwijderd set aantal = 1",
        "delete from intern.logboek_verwijderd",
        "truncate intern.logboek_verwijderd",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            change(log_url, statement)
    change(log_url, "alter table intern.logboek_verwijderd disable trigger all")
    change(log_url, "update intern.logboek_verwijderd set aantal = 5 where dag = %s", DAYS[0])
    assert "01-03-2026: het zegel is vervalst." in call_cli("logboek", "controleer", url=log_url).stdout
    change(log_url, "delete from intern.logboek_verwijderd")
    assert "05-03-2026 regel 1: sluit niet aan" in call_cli("logboek", "controleer", url=log_url).stdout


def test_the_log_goes_on_after_all_older_days_are_gone(log_url: str) -> None:
    with psycopg.connect(log_url) as connection:
        shift_day(connection, date(2026, 5, 1))
        append(connection, event())
    with settings(logboek_maanden=1):
        apply_retention(log_url, today=date(2026, 9, 1))
    assert rows(log_url, "select count(*) from intern.logboek_verwijderd") == [(3,)]
    assert call_cli("logboek", "controleer", url=log_url).returncode == 0


@pytest.mark.parametrize("day", [DAYS[1], DAYS[2]])
def test_only_the_oldest_day_can_go(log_url: str, day: date) -> None:
    with psycopg.connect(log_url) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute("select intern.logboek_opruimen(%s, '', '', 'x')", (day,))


# --- everything about one reporter


def test_what_is_held_about_a_reporter_is_written_for_who_asks(dorp_url: str, tmp_path: Path) -> None:
    columns = (*dorp.COLUMNS, "email")
    made = [
        dorp.melding(n, email=mail, created_at=f"2025-03-{n + 10}T12:00:00Z")
        for n, mail in enumerate(("a@b.nl", "c@d.nl", "A@B.NL "))
    ]
    load("ingest", "meldingen", dorp.write_csv(tmp_path / "lijst.csv", made, columns), "--bron", "lijst", url=dorp_url)
    path = tmp_path / "uit.json"
    said = load("inzage", path, "--gemeente", dorp.GEMEENTE, "--melder", "a@B.nl", url=dorp_url)
    assert said.startswith("2 meldingen van deze melder geschreven naar ")
    held = json.loads(path.read_text(encoding="utf-8"))
    assert [item["kenmerk_van_de_bron"] for item in held["meldingen"]] == ["0", "2"]
    assert held["meldingen"][0] | {"tijd": ""} == {
        "bron": "lijst", "kenmerk_van_de_bron": "0", "tijd": "", "tijd_onzeker": False, "categorie": "afval-dumping",
        "bron_categorie": "afval-dumping", "status": "gemeld", "gesloten_op": None, "buurt_code": dorp.ZW,
        "rd_x": 200_500.0, "rd_y": 500_500.0, "adres_sleutel": None,
    }  # fmt: skip
    assert [(bron["naam"], len(bron["ingelezen_op"])) for bron in held["bronnen"]] == [("lijst", 1)]
    assert path.stat().st_mode & 0o077 == 0
    again = call_cli(
        "inzage", path, "--gemeente", dorp.GEMEENTE, "--melder-sleutel", held["melder_sleutel"], url=dorp_url
    )
    assert (again.returncode, "bestaat al" in again.stderr) == (1, True)
    other = tmp_path / "ander.json"
    load("inzage", other, "--gemeente", dorp.GEMEENTE, "--melder-sleutel", held["melder_sleutel"], url=dorp_url)
    assert json.loads(other.read_text(encoding="utf-8"))["meldingen"] == held["meldingen"]
    assert rows(
        dorp_url, "select object, uitkomst from intern.logboek where handeling = 'inzage' order by nummer limit 1"
    ) == [(f"melder in {dorp.GEMEENTE}", "2 meldingen")]


def test_nothing_held_is_said_in_a_sentence(dorp_url: str, tmp_path: Path) -> None:
    path = tmp_path / "uit.json"
    said = load("inzage", path, "--gemeente", dorp.GEMEENTE, "--melder", "niemand@x.nl", url=dorp_url)
    assert said == f"Over deze melder is in {dorp.GEMEENTE} niets bewaard; er is geen bestand geschreven.\n"
    assert not path.exists()
    assert value(dorp_url, "select count(*) from intern.logboek where handeling = 'inzage'") == 1


@pytest.mark.parametrize(
    "words", [(), ("--melder", " "), ("--melder-sleutel", "abc"), ("--melder", "a@b.nl", "--melder-sleutel", "0" * 32)]
)
def test_a_question_about_nobody_is_refused(dorp_url: str, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = call_cli("inzage", tmp_path / "uit.json", "--gemeente", dorp.GEMEENTE, *words, url=dorp_url)
    assert done.returncode == 1
    assert done.stderr.startswith("Geweigerd: ")


def test_no_reporter_is_shown_when_it_cannot_be_written_down(dorp_url: str, tmp_path: Path) -> None:
    change(dorp_url, "drop function intern.noteer(jsonb)")
    done = call_cli("inzage", tmp_path / "uit.json", "--gemeente", dorp.GEMEENTE, "--melder", "a@b.nl", url=dorp_url)
    assert (done.returncode, done.stderr.startswith("Geweigerd: Dit kan nu niet in het logboek")) == (1, True)
    assert list(tmp_path.iterdir()) == []
