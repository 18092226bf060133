"""What is remembered for some seconds, so that the tens of tiles of one map ask the database once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from geo_service.identity import Viewer

SECONDS = 5.0
PLACES = 4096


@dataclass(frozen=True, slots=True)
class Toegelaten:
    """A viewer that showed something good. tot: until when that is good, in seconds since 1970."""

    viewer: Viewer
    tot: float


class Onthouden:
    """Viewers by what they showed. Only good ones, only for ``seconds``, and never beyond their own end."""

    def __init__(self, *, seconds: float = SECONDS, clock: Callable[[], float] = time.time):
        self._seconds, self._clock = seconds, clock
        self._known: dict[bytes, tuple[Toegelaten, float]] = {}

    def get(self, key: bytes) -> Viewer | None:
        found = self._known.get(key)
        if found is None or min(found[1], found[0].tot) <= self._clock():
            return None
        return found[0].viewer

    def put(self, key: bytes, toegelaten: Toegelaten) -> Viewer:
        if len(self._known) >= PLACES:
            self._known.clear()
        self._known[key] = (toegelaten, self._clock() + self._seconds)
        return toegelaten.viewer

    def forget(self, key: bytes) -> None:
        self._known.pop(key, None)
