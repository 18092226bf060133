"""The papers of a loaded service: complete, true, and honest about what is missing."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from geo_service.jobs.analyse.parameters import STANDAARD
from geo_service.verantwoording import beschrijvingen
from geo_service.verantwoording.schrijven import ALGORITMEN, DPIA, REGISTER_CSV, REGISTER_JSON
from tests.geo_service.server import Server
from tests.geo_service.support import SECRET, call_cli, change, load, rows

SCHEMA = json.loads((Path(__file__).parent / "algoritmeregister.schema.json").read_text(encoding="utf-8"))
FIELDS = {
    "verantwoordelijke", "contact", "doel", "betrokkenen", "gegevens", "ontvangers", "doorgifte_buiten_eu",
    "bewaartermijn", "beveiliging", "grondslag", "artikel",
}  # fmt: skip
POINTS = 17


@pytest.fixture(scope="module")
def own_url(server: Server, worker: str, loaded: Callable[[str], str]) -> str:
    """The demo, where commands can write in the log what they did."""
    return server.clone(loaded("demo"), f"{worker}_stukken")


@pytest.fixture(scope="module")
def papers(own_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stukken") / "nieuw"
    load(
        "verantwoording", folder, url=own_url, uitgever_naam="Gemeente Enschede", contact_email="info@buurt.example",
        openbaar_adres="https://buurt.example", privacy_contact="fg@buurt.example", hotspots='{"punten": {"eps": 75}}',
    )  # fmt: skip
    return folder


def register_of(folder: Path) -> list[dict[str, str]]:
    return json.loads((folder / REGISTER_JSON).read_text(encoding="utf-8"))


def test_the_register_lists_every_source_and_the_log(papers, own_url):
    register = register_of(papers)
    sources = {naam for (naam,) in rows(own_url, "select naam from publiek.bron")}
    assert {row["bron"] for row in register} == sources | {""}
    assert len(sources) >= 4
    for row in register:
        assert set(row) >= FIELDS
        assert all(row.values()) or row["verwerking"] == "Toegang en logboek"
        assert row["verantwoordelijke"] == "Gemeente Enschede"
        assert row["contact"] == "fg@buurt.example"


def test_what_was_registered_is_told_as_it_was(papers):
    row = next(row for row in register_of(papers) if row["bron"] == "meldpunt-woonoverlast")
    assert row["doel"] == "Overlast tussen buren vroeg zien en oplossen"
    assert row["artikel"] == "AVG artikel 6 lid 1 onder e; Gemeentewet artikel 151d"
    assert row["betrokkenen"] == "bewoners die iets melden; bewoners over wie iets wordt gemeld"
    assert row["bewaartermijn"] == "5 jaar"


def test_what_nobody_registered_is_missing_and_not_made_up(papers):
    row = next(row for row in register_of(papers) if row["bron"] == "buurtbemiddeling")
    assert row["grondslag"] == "toestemming van de aanmelder"
    for field in ("doel", "artikel", "betrokkenen", "gegevens", "ontvangers"):
        assert row[field] == f"ontbreekt: {field} in bronnen.toml"
    told = "- Meldingen van overlast: buurtbemiddeling: artikel, betrokkenen, doel, gegevens, ontvangers\n"
    assert told in (papers / DPIA).read_text(encoding="utf-8")


def test_of_what_is_not_about_persons_nothing_is_missing(papers):
    row = next(row for row in register_of(papers) if row["bron"] == "demo-wijkwijzers")
    assert row["persoonsgegevens"] == "nee"
    assert row["doel"] == row["artikel"] == "niet van toepassing: geen persoonsgegevens"
    assert row["houder"] == "ontbreekt: houder in bronnen.toml"


def test_both_forms_of_the_register_say_the_same(papers):
    with (papers / REGISTER_CSV).open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == register_of(papers)


def test_a_spreadsheet_gets_no_formula(copy_of, tmp_path):
    url = copy_of("demo")
    change(url, "update publiek.bron set doel = '=HYPERLINK(\"http://kwaad.example\")', houder = '@x | <b>y</b>'")
    load("verantwoording", tmp_path, url=url)
    with (tmp_path / REGISTER_CSV).open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    annex = (tmp_path / DPIA).read_text(encoding="utf-8")
    assert "@x \\| &lt;b&gt;y&lt;/b&gt;" in annex


def test_the_annex_has_all_points_of_the_model(papers):
    text = (papers / DPIA).read_text(encoding="utf-8")
    assert re.findall(r"^### (\d+)\. ", text, re.MULTILINE) == [str(number) for number in range(1, POINTS + 1)]
    assert re.findall(r"^## ([A-D])\. ", text, re.MULTILINE) == list("ABCD")
    for risico in beschrijvingen.risicos():
        for maatregel in risico.maatregelen:
            assert f"| {maatregel.wat} | `{maatregel.waar}` | `{maatregel.test}` |" in text
    for table, row in beschrijvingen.tabellen().items():
        assert (f"| {table} |" in text) == (row["persoonsgegevens"] != "geen")
    assert not re.search(r"\bNone\b|\bUndefined\b|\{\{|\{%", text)


def test_thresholds_and_terms_are_those_of_this_service(copy_of, tmp_path):
    changed = {"drempel_publiek": 14, "drempel_dienst": 7, "bevriezing_dagen": 33, "logboek_maanden": 36}
    load("verantwoording", tmp_path, url=copy_of("demo"), **changed)
    text = (tmp_path / DPIA).read_text(encoding="utf-8")
    assert "aantallen vanaf 14" in text
    assert "ander stadsdeel vanaf 7" in text
    assert "33 dagen na afloop" in text
    assert "Toegang en logboek: 3 jaar" in text or "Toegang en logboek: 36 maanden" in text


def test_registrations_follow_the_standard(papers):
    registrations = json.loads((papers / ALGORITMEN).read_text(encoding="utf-8"))
    assert len(registrations) == len(beschrijvingen.methoden()) == 9
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for registration in registrations:
        assert [error.message for error in validator.iter_errors(registration)] == []
        assert registration["organization"] == "Gemeente Enschede"
        assert registration["website"] == "https://buurt.example/uitleg"
        assert "niet zelflerend" in registration["methods_and_models"]
        assert "meldpunt-woonoverlast" in registration["source_data"]
    assert len({registration["source_id"] for registration in registrations}) == 9


@pytest.mark.parametrize(
    "wrong",
    [{"status": "Actief"}, {"name": "x" * 101}, {"category": ["Bestuur"]}, {"begin_date": "2024"}, {"doel": "x"}],
)
def test_the_schema_refuses_what_the_standard_refuses(papers, wrong):
    good = json.loads((papers / ALGORITMEN).read_text(encoding="utf-8"))[0]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(good | wrong, SCHEMA)


def test_parameters_are_those_that_are_used(papers):
    registrations = json.loads((papers / ALGORITMEN).read_text(encoding="utf-8"))
    told = {registration["source_id"]: registration["methods_and_models"] for registration in registrations}
    assert "eps = 75" in told["buurtsignaal-punten"]
    assert f"n_sim = {STANDAARD['scan'].n_sim}" in told["buurtsignaal-hoog"]
    assert "drempel voor iedereen = 10" in told["buurtsignaal-kleine-aantallen"]


def test_a_method_is_in_use_from_its_first_run(papers, own_url):
    registrations = json.loads((papers / ALGORITMEN).read_text(encoding="utf-8"))
    punten = next(item for item in registrations if item["source_id"] == "buurtsignaal-punten")
    ((first,),) = rows(own_url, "select min(gemaakt_op) from intern.hotspot_run where methode = 'punten'")
    assert (punten["status"], punten["begin_date"]) == ("In gebruik", f"{first:%Y-%m}")


def test_an_empty_service_says_what_is_missing(url, tmp_path):
    done = call_cli("verantwoording", tmp_path, url=url)
    assert done.returncode == 0
    assert "· Instelling BUURTSIGNAAL_UITGEVER_NAAM" in done.stdout
    registrations = json.loads((tmp_path / ALGORITMEN).read_text(encoding="utf-8"))
    for registration in registrations:
        jsonschema.validate(registration, SCHEMA)
        assert registration["status"] == "In ontwikkeling"
        assert registration["contact_email"] == "ontbreekt: BUURTSIGNAAL_CONTACT_EMAIL"


def test_a_folder_that_cannot_be_is_refused(own_url, tmp_path):
    (tmp_path / "bestand").write_text("x")
    done = call_cli("verantwoording", tmp_path / "bestand", url=own_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "kan niet worden geschreven" in done.stderr


def test_no_secret_is_in_the_papers(papers):
    for path in papers.iterdir():
        text = path.read_text(encoding="utf-8")
        assert SECRET not in text
        assert "postgresql://" not in text
