"""Every method can be set, by the settings of the service or for one time; what cannot be is refused in Dutch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest

from geo_service.domain.hotspots import BLINDE_VLEKKEN, METHODEN, OPKOMEND, PUNTEN, SCAN
from geo_service.errors import Refused
from geo_service.jobs.analyse.parameters import STANDAARD, configure, describe_parameters
from tests.geo_service.support import call_cli, rows, run_cli, settings

LARGEST = (
    "select parameters, coalesce(max(h.aantal), 0) from intern.hotspot_run r left join intern.hotspot h using (run_id) "
    "where r.methode = 'punten' and r.periode = '2026-Q3' and r.vervangen_op is null group by r.run_id, 1"
)


@pytest.mark.parametrize("methode", METHODEN)
def test_every_default_fits_and_is_explained(methode: str) -> None:
    assert configure(methode) == {methode: STANDAARD[methode]}
    told = describe_parameters(methode)
    assert set(told) == set(asdict(STANDAARD[methode]))
    assert all(text.endswith(".") for text in told.values())


def test_what_is_given_goes_before_the_settings_and_those_before_the_defaults() -> None:
    with settings(hotspots='{"scan": {"max_radius": 800, "recent": 4}}'):
        made = configure(SCAN, given={"recent": "6"})[SCAN]
    assert (made.max_radius, made.recent, made.weken) == (800.0, 6, 52)


@pytest.mark.parametrize(
    ("methode", "given", "named"),
    [
        (PUNTEN, {"eps": "0"}, "eps"),
        (PUNTEN, {"eps": "nan"}, "eps"),
        (PUNTEN, {"methode": "kmeans"}, "hdbscan"),
        (PUNTEN, {"straal": "75"}, "geen instelling 'straal'"),
        (SCAN, {"max_share": "0.6"}, "max_share"),
        (SCAN, {"n_sim": "9"}, "n_sim"),
        (SCAN, {"seed": "-1"}, "seed"),
        (OPKOMEND, {"alpha": "1"}, "alpha"),
        (BLINDE_VLEKKEN, {"kwartalen": "2.5"}, "kwartalen"),
    ],
)
def test_a_wrong_value_is_named(methode: str, given: dict[str, str], named: str) -> None:
    with pytest.raises(Refused, match=named):
        configure(methode, given=given)


def test_one_time_is_stored_with_the_run_and_changes_what_is_found(copy_of: Callable[[str], str]) -> None:
    url = copy_of("assen")
    ((_, before),) = rows(url, LARGEST)
    done = call_cli("hotspots", "--methode", "punten", "--instelling", "eps=40", url=url)
    assert done.returncode == 0, done.stderr
    ((parameters, after),) = rows(url, LARGEST)
    assert parameters["eps"] == 40
    assert after < before
    done = call_cli("hotspots", "--methode", "punten", "--instelling", "methode=hdbscan", url=url)
    assert "gevonden" in done.stdout
    ((parameters, _),) = rows(url, LARGEST)
    assert parameters["methode"] == "hdbscan"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--instelling", "eps=75"], "ook --methode"),
        (["--methode", "punten", "--instelling", "eps"], "NAAM=WAARDE"),
        (["--methode", "punten", "--instelling", "eps=veel"], "De instelling eps van punten kan niet 'veel' zijn."),
    ],
)
def test_the_command_refuses_before_it_computes(assen_url: str, options: list[str], said: str) -> None:
    done = call_cli("hotspots", *options, url=assen_url)
    assert done.returncode == 1
    assert said in done.stderr


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"hotspots": '{"punten": {"eps": -1}}'}, "De instelling eps van punten kan niet -1 zijn."),
        ({"hotspots": '{"punt": {}}'}, "onbekende methode: 'punt'"),
        ({"hotspots": "{"}, "De instelling BUURTSIGNAAL_HOTSPOTS klopt niet."),
        ({"drempel_publiek": "veel"}, "De instelling BUURTSIGNAAL_DREMPEL_PUBLIEK klopt niet. Kleinste aantal"),
    ],
)
def test_a_setting_that_cannot_be_is_one_dutch_line(assen_url: str, setting: dict[str, str], said: str) -> None:
    done = run_cli("hotspots", url=assen_url, **setting)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
