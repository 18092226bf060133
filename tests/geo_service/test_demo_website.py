"""The whole demo as a newcomer starts it: embedded database, data, website, on the real command line."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from geo_service.db.cluster import locate_cluster
from tests.geo_service.support import change, rows, settings

BUURTSIGNAAL = Path(__file__).resolve().parents[2] / ".venv" / "bin" / "buurtsignaal"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("BUURTSIGNAAL_")}
# No figure is asked for here: deciding about them is left to the process behind the website.
ENVIRONMENT["BUURTSIGNAAL_VRIJGAVE_DIRECT"] = "0"
# Of one method only: all of them together take long to bring up to date. Which periods have hotspots changes as long as
# the website decides about more of them; which sources have does not.
CURRENT = "select distinct bron from intern.hotspot_run where vervangen_op is null and methode = 'punten'"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with a database of its own that an unprivileged user may enter, short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="bsd-"))
    path.chmod(0o755)
    yield path
    subprocess.run([str(BUURTSIGNAAL), "db", "stop"], cwd=path, env=ENVIRONMENT, check=True, capture_output=True)
    shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True)
class Demo:
    """What a demo answered, as whom it ran and what it printed."""

    address: str
    health: dict[str, Any]
    buurten: dict[str, Any]
    user: str
    printed: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start a command that becomes a website; the process and where it listens."""
    port = free_port()
    command = [str(BUURTSIGNAAL), *arguments, "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return process, f"http://127.0.0.1:{port}"


def wait_for(address: str, process: subprocess.Popen[str], seconds: float = 90) -> httpx.Response:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            return httpx.get(address, timeout=5)
        except httpx.TransportError:
            time.sleep(0.3)
    process.kill()
    pytest.fail(f"de website kwam niet op: {process.communicate()[0][-2000:]}")


def wait_until(reached: Callable[[], bool], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until, "het gebeurde niet"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def demo(folder: Path) -> Demo:
    """The demo, begun with nothing, asked twice and ended."""
    process, address = start(folder, "demo", "--schaal", "0.02")
    try:
        health = wait_for(f"{address}/gezond", process).json()
        found = httpx.get(f"{address}/v1/collections/buurten/items").json()
        user = psutil.Process(process.pid).username()
    finally:
        process.terminate()
        printed = process.communicate(timeout=20)[0]
    return Demo(address, health, found, user, printed)


def test_the_demo_comes_up_on_its_own_database_and_not_as_root(demo: Demo) -> None:
    assert demo.health == {"status": "gezond"}
    assert demo.buurten["numberMatched"] == 70
    assert f"{demo.address}/kaart" in demo.printed
    # As root only where the code itself cannot be read by anyone else, and then it says so.
    assert demo.user != pwd.getpwuid(0).pw_name or "draait als root" in demo.printed


@pytest.mark.usefixtures("demo")
def test_a_website_answers_while_hotspots_are_brought_up_to_date_and_leaves_nothing_behind(folder: Path) -> None:
    with settings(map=folder / ".buurtsignaal"):
        url = locate_cluster().url
    known = set(rows(url, CURRENT))
    assert known
    # First what one method found, to the end; then everything, so that there is still work to break off.
    for to_the_end, outdated in ((True, "methode = 'punten'"), (False, "true")):
        change(url, f"update intern.hotspot_run set vervangen_op = now() where vervangen_op is null and {outdated}")
        assert not rows(url, CURRENT)
        process, address = start(folder, "serve")
        try:
            wait_for(f"{address}/gezond", process)
            helpers = psutil.Process(process.pid).children(recursive=True)
            if to_the_end:
                wait_until(lambda: set(rows(url, CURRENT)) == known)
            else:
                assert helpers
                assert set(rows(url, CURRENT)) < known
        finally:
            process.terminate()
            process.communicate(timeout=20)
        wait_until(lambda helpers=helpers: not any(child.is_running() for child in helpers), 10)
        found = set(rows(url, CURRENT))
        assert found == known if to_the_end else found < known
