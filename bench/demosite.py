"""The demo municipality at its full size in a cluster of its own, and the website on it, for benches of requests."""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.harness import BenchError, run_quietly
from geo_service.settings import get_settings

FOLDER = Path(__file__).resolve().parent.parent / ".buurtsignaal" / "bench" / "scope"


def load() -> str:
    """The demo with its newest quarters decided; the URL of its database."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ |= {"BUURTSIGNAAL_MAP": str(FOLDER), "BUURTSIGNAAL_VRIJGAVE_DIRECT": "6000"}
    os.environ.pop("BUURTSIGNAAL_DATABASE_URL", None)
    get_settings.cache_clear()
    run_quietly(["buurtsignaal", "demo", "--alleen-laden"])
    from geo_service.db.cluster import locate_cluster

    return locate_cluster().url


def _serve(url: str, secret: bytes, port: int) -> None:
    import uvicorn

    from geo_service.app import create_app

    os.environ["BUURTSIGNAAL_VERZOEKEN_PER_MINUUT"] = str(10**9)
    get_settings.cache_clear()
    uvicorn.run(create_app(url, secret), host="127.0.0.1", port=port, log_level="critical", access_log=False)


@contextmanager
def website(url: str, secret: bytes) -> Iterator[httpx.Client]:
    """The service by itself: nothing is computed behind it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(url, secret, port), daemon=True)
    process.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            _wait(client)
            yield client
    finally:
        process.terminate()
        process.join(20)


def _wait(client: httpx.Client) -> None:
    for _ in range(200):
        try:
            client.get("/gezond")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise BenchError("the service does not start")
