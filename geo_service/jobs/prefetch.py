"""Work ahead in one thread: the next slice is read and prepared while the database takes in the present one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class _Ready(Generic[Item]):
    """What the thread made: an item, an error, or with neither the end."""

    items: tuple[Item, ...] = ()
    error: BaseException | None = None


def prefetch(items: Iterable[Item], *, ahead: int = 1) -> Generator[Item, None, None]:
    """The same items in the same order, made up to ``ahead`` items early; an error comes out where it belongs.

    Close it (``contextlib.closing``) when you may stop before the end: only then has the thread left ``items`` alone.
    """
    ready: queue.Queue[_Ready[Item]] = queue.Queue(maxsize=ahead)
    stopped = threading.Event()

    def put(value: _Ready[Item]) -> bool:
        while not stopped.is_set():
            try:
                ready.put(value, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(_Ready((item,))):
                    return
        except BaseException as error:  # noqa: BLE001  (raised again in the thread that asked)
            put(_Ready(error=error))
        else:
            put(_Ready())

    worker = threading.Thread(target=work, daemon=True, name="inlezen")
    worker.start()
    try:
        while True:
            got = ready.get()
            if got.error is not None:
                raise got.error
            if not got.items:
                return
            yield from got.items
    finally:
        stopped.set()
        worker.join()
