import time
import pytest
from tests.geo_service.support import rows, value, run_cli, call_cli


def test_url(url):
    assert value(url, "select count(*) from publiek.gebied") == 0


def test_ens(enschede_url):
    print(rows(enschede_url, "select niveau, count(*) from publiek.gebied group by 1"))


def test_assen(assen_url):
    print(
        rows(assen_url, "select count(*) from intern.melding"), rows(assen_url, "select count(*) from publiek.hotspot")
    )


def test_demo(demo_url):
    print(
        rows(demo_url, "select bron, count(*) from intern.melding group by 1"),
        rows(demo_url, "select count(*) from publiek.hotspot"),
    )


def test_copy(copy_of):
    u = copy_of("assen")
    print(run_cli("db", "status", url=u))
    print(call_cli("db", "status", url=u))
    print(call_cli("ingest", "x", url=u))
