"""The whole demo as a newcomer starts it: embedded database, data, website, on the real command line."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

BUURTSIGNAAL = Path(__file__).resolve().parents[2] / ".venv" / "bin" / "buurtsignaal"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an unprivileged user may enter, short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="bsd-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[str], seconds: float = 90) -> httpx.Response:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            return httpx.get(address, timeout=5)
        except httpx.TransportError:
            time.sleep(0.3)
    process.kill()
    pytest.fail(f"de website kwam niet op: {process.communicate()[0][-2000:]}")


def test_the_demo_comes_up_on_its_own_database_and_not_as_root(folder: Path) -> None:
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("BUURTSIGNAAL_")}
    command = [str(BUURTSIGNAAL), "demo", "--port", str(port), "--schaal", "0.02"]
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert wait_for(f"http://127.0.0.1:{port}/gezond", process).json() == {"status": "gezond"}
        found = httpx.get(f"http://127.0.0.1:{port}/v1/collections/buurten/items").json()
        assert found["numberMatched"] == 70
        user = psutil.Process(process.pid).username()
    finally:
        process.terminate()
        printed = process.communicate(timeout=20)[0]
        subprocess.run([str(BUURTSIGNAAL), "db", "stop"], cwd=folder, env=env, check=True, capture_output=True)
    assert f"http://127.0.0.1:{port}/kaart" in printed
    # As root only where the code itself cannot be read by anyone else, and then it says so.
    assert user != pwd.getpwuid(0).pw_name or "draait als root" in printed
