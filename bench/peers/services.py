"""The three services side by side: ours and the two peers, one worker each, on ports of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from bench.harness import BenchError, run_quietly
from bench.peers.database import GEMEENTE, peer_settings

HOST = "127.0.0.1"
OURS = "buurtsignaal"
_HERE = Path(__file__).resolve().parent
_REQUIREMENTS = _HERE / "requirements.txt"
_START_SECONDS = 300
_TILE = "/tiles/WebMercatorQuad/{z}/{row}/{column}"


@dataclass(frozen=True)
class Service:
    """One running service. collection: path of the reports; tile: pattern below it, None where not measured.

    tile_id: the field that must be asked for to know which feature is which; empty where the id comes by itself.
    """

    name: str
    port: int
    collection: str
    ready: str
    query: str = ""
    tile: str | None = None
    tile_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def items(self, query: str) -> str:
        return f"{self.collection}/items?{query}{self.query}"

    def tile_path(self, z: int, column: int, row: int, properties: str | None = None) -> str:
        """properties: only these fields, separated by commas; None: all of them."""
        if self.tile is None:
            raise BenchError(f"{self.name}: tiles are not measured")
        path = self.collection + self.tile.format(z=z, row=row, column=column)
        if properties is None:
            return path
        return f"{path}?properties={','.join(filter(None, (self.tile_id, properties)))}"


@dataclass(frozen=True)
class Start:
    """How a service starts."""

    service: Service
    argv: Sequence[str]
    env: Mapping[str, str]


def prepare_environment(folder: Path, requirements: Path = _REQUIREMENTS) -> Path:
    """Return the programs of the peers' environment below `folder`; made anew when the pinned versions changed."""
    stamp = folder / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        uv = _find_uv()
        run_quietly([uv, "venv", "--clear", "--quiet", "--python", sys.executable, str(folder)])
        python = str(folder / "bin" / "python")
        run_quietly([uv, "pip", "install", "--quiet", "--python", python, "-r", str(requirements)])
        shutil.copy(requirements, stamp)
    return folder / "bin"


def _find_uv() -> str:
    own = _HERE.parent.parent / ".buurtsignaal" / "gereedschap" / "bin" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    if not found:
        raise BenchError("uv is missing: it makes the environment of the peers (run make setup)")
    return found


def describe_ours() -> Start:
    port = _free_port()
    token = run_quietly(["buurtsignaal", "token", "stadsdeelmanager", "--gemeente", GEMEENTE, "--stadsdeel", "alle"])
    headers = {"Authorization": f"Bearer {token}"}
    service = Service(OURS, port, "/v1/collections/meldingen", "/gezond", tile=_TILE, headers=headers)
    # The guard counts every request; it only does not stop a client that asks thousands a second.
    limit = {"BUURTSIGNAAL_VERZOEKEN_PER_MINUUT": str(10**9)}
    env = os.environ | limit | {"BUURTSIGNAAL_ONTWIKKELTOKENS": "true"}
    return Start(service, ["buurtsignaal", "serve", "--port", str(port)], env)


def describe_tipg(programs: Path) -> Start:
    port = _free_port()
    lines = Template((_HERE / "tipg.env").read_text()).substitute(peer_settings()).splitlines()
    env = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    tile = "/tiles/WebMercatorQuad/{z}/{column}/{row}"
    service = Service(
        "tipg", port, "/collections/bench.meldingen", "/healthz", query="&f=geojson", tile=tile, tile_id="melding_id"
    )
    argv = [str(programs / "uvicorn"), "tipg.main:app", "--host", HOST, "--port", str(port), "--workers", "1"]
    return Start(service, [*argv, "--no-access-log", "--log-level", "warning"], os.environ | env)


def describe_pygeoapi(programs: Path, folder: Path) -> Start:
    """Under gunicorn, as its own container starts it; threads, so that two connections are served together."""
    port = _free_port()
    config, openapi = folder / "pygeoapi.yml", folder / "openapi.yml"
    values = peer_settings() | {"service_port": str(port)}
    config.write_text(Template((_HERE / "pygeoapi.yml").read_text()).substitute(values))
    run_quietly([str(programs / "pygeoapi"), "openapi", "generate", str(config), "--output-file", str(openapi)])
    env = os.environ | {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    service = Service("pygeoapi", port, "/collections/meldingen", "/conformance?f=json", query="&f=json")
    argv = [str(programs / "gunicorn"), "pygeoapi.flask_app:APP", "--bind", f"{HOST}:{port}", "--workers", "1"]
    return Start(service, [*argv, "--worker-class", "gthread", "--threads", "4"], env)


def describe_empty() -> Start:
    """A service that answers at once: what the load generator itself can reach."""
    port = _free_port()
    return Start(Service("generator", port, "/", "/"), [sys.executable, str(_HERE / "empty.py"), str(port)], os.environ)


@contextmanager
def running(starts: Sequence[Start], logs: Path) -> Iterator[list[Service]]:
    """Start the services and wait until each answers; stopped at the end, with all their processes."""
    with ExitStack() as stack:
        for start in starts:
            log = stack.enter_context((logs / f"{start.service.name}.log").open("wb"))
            process = subprocess.Popen(
                list(start.argv), env=dict(start.env), stdout=log, stderr=log, start_new_session=True
            )
            stack.callback(_stop, process)
            _wait(start.service, process, logs)
        yield [start.service for start in starts]


def _wait(service: Service, process: subprocess.Popen[bytes], logs: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://{HOST}:{service.port}{service.ready}", timeout=10).close()
            return
        except urllib.error.HTTPError as error:
            raise BenchError(f"{service.name}: {service.ready} answers {error.code}") from error
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.2)
    tail = (logs / f"{service.name}.log").read_text(errors="replace")[-800:]
    raise BenchError(f"{service.name} does not start: {tail}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=15)
    except ProcessLookupError:
        process.wait()
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
