"""The load: prepared paths over one or more kept connections, and one path as often as possible.

Distinct paths go through http.client in this process; nothing is parsed while the clock runs. One path again and
again goes through wrk where it is installed, else through the same connections in threads.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from bench.harness import BenchError
from bench.peers.services import HOST, Service

# The same for all: bytes are those of the answer itself, and no service spends time on compressing.
_HEADERS = {"Accept-Encoding": "identity"}
_TIMEOUT = 120
_MOST_HEADERS = 4096
_UNITS = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}


@dataclass(frozen=True)
class Answer:
    """One response with the seconds from the first byte sent to the last byte received."""

    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Batch:
    """Answers in the order of the paths, and the wall seconds of all together."""

    answers: Sequence[Answer]
    seconds: float

    @property
    def rate(self) -> float:
        return len(self.answers) / self.seconds


class Connection:
    """One kept connection to a service."""

    def __init__(self, service: Service, extra: Mapping[str, str] | None = None):
        self._service = service
        self._headers = {**_HEADERS, **service.headers, **(extra or {})}
        self._http = HTTPConnection(HOST, service.port, timeout=_TIMEOUT)

    def get(self, path: str) -> Answer:
        start = time.perf_counter()
        try:
            self._http.request("GET", path, headers=self._headers)
            response = self._http.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            raise BenchError(f"{self._service.name}: no answer on {path}: {error}") from error
        seconds = time.perf_counter() - start
        headers = {name.lower(): value for name, value in response.getheaders()}
        if "content-encoding" in headers:
            raise BenchError(f"{self._service.name}: encoded although identity was asked: {path}")
        return Answer(path, response.status, headers, body, seconds)

    def close(self) -> None:
        self._http.close()


def fetch(service: Service, paths: Sequence[str], connections: int = 1) -> Batch:
    """Fetch each path once over the given number of connections; each takes every n-th path."""
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(Connection(service))) for _ in range(connections)]

        def walk(number: int) -> list[Answer]:
            return [lines[number].get(path) for path in paths[number::connections]]

        with ThreadPoolExecutor(connections) as pool:
            start = time.perf_counter()
            parts = list(pool.map(walk, range(connections)))
            seconds = time.perf_counter() - start
    return Batch([parts[index % connections][index // connections] for index in range(len(paths))], seconds)


def fetch_once(service: Service, path: str, extra: Mapping[str, str] | None = None) -> Answer:
    """Fetch one path over a connection of its own, with extra headers."""
    with closing(Connection(service, extra)) as line:
        return line.get(path)


def hammer(service: Service, path: str, seconds: int, extra: Mapping[str, str] | None = None) -> float:
    """Return requests per second for one path over two connections; every answer must be as the first."""
    first = fetch_once(service, path, extra)
    if first.status not in (200, 304):
        raise BenchError(f"{service.name}: {path} answers {first.status}")
    if shutil.which("wrk"):
        return _with_wrk(service, first, seconds, {**_HEADERS, **service.headers, **(extra or {})})
    return _with_threads(service, first, seconds, extra)


def generator_name() -> str:
    return "wrk" if shutil.which("wrk") else "http.client in two threads"


def _with_wrk(service: Service, first: Answer, seconds: int, headers: Mapping[str, str]) -> float:
    options = [option for name, value in headers.items() for option in ("-H", f"{name}: {value}")]
    url = f"http://{HOST}:{service.port}{first.path}"
    command = ["wrk", "-t1", "-c2", f"-d{seconds}s", *options, url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"wrk fails on {service.name}: {(done.stderr or done.stdout)[-300:]}")
    return read_wrk(done.stdout, len(first.body))


def read_wrk(output: str, size: int) -> float:
    """Return the requests per second that wrk printed; BenchError on errors, and when the bytes per answer are not
    those of a body of `size` with its headers.
    """
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    total = re.search(r"(\d+) requests in [\d.]+\w+, ([\d.]+)([KMG]?B) read", output)
    if rate is None or total is None or int(total[1]) == 0 or re.search(r"Non-2xx|Socket errors", output):
        raise BenchError(f"wrk did not measure what was asked: {output[-400:]}")
    per_answer = float(total[2]) * _UNITS[total[3]] / int(total[1])
    if not 0.98 * size <= per_answer <= 1.02 * size + _MOST_HEADERS:
        raise BenchError(f"wrk received {per_answer:.0f} bytes per answer where {size} were expected")
    return float(rate[1])


def _with_threads(service: Service, first: Answer, seconds: int, extra: Mapping[str, str] | None) -> float:
    deadline = time.perf_counter() + seconds
    wrong = threading.Event()

    def repeat(_: int) -> int:
        count = 0
        with closing(Connection(service, extra)) as line:
            while time.perf_counter() < deadline:
                answer = line.get(first.path)
                if (answer.status, len(answer.body)) != (first.status, len(first.body)):
                    wrong.set()
                count += 1
        return count

    with ThreadPoolExecutor(2) as pool:
        start = time.perf_counter()
        count = sum(pool.map(repeat, range(2)))
        elapsed = time.perf_counter() - start
    if wrong.is_set():
        raise BenchError(f"{service.name}: {first.path} gives different answers")
    return count / elapsed
