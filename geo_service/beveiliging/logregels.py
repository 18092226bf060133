"""Log lines without personal data: one per request, and errors without the values that were in them.

A path holds codes, places and whatever somebody typed; a query holds tokens and free text. So a line has the kind of
address (``/gebied/{code}``), never the address. The text of an error quotes what it choked on; its kind, and where in
the program it came up, are enough to find it.
"""

from __future__ import annotations

import logging
import random
import re
import sys
import time
import traceback
from functools import lru_cache
from types import TracebackType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ACCESS = logging.getLogger("buurtsignaal.toegang")
UNKNOWN = "(onbekend adres)"
HIDDEN = "[weggelaten]"
# The last guard, for lines of others: what looks like a secret, a person or a place.
_TOKENS = r"eyJ[\w-]+(?:\.[\w-]*){1,2}|(?i:bearer|basic)\s+[\w.~+/=-]+|\b[0-9a-f]{24,}\b|\b[\w-]{40,}\b"
_IDS = r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
_PERSONS = r"[\w.+-]+@[\w-]+\.[\w.-]+|\b\d{4}\s?[A-Z]{2}\b|\b\d{9,}\b"
_PLACES = r"-?\b\d{1,6}\.\d{2,}\b"
_VALUES = r"\?[^\s\"']+|://[^/\s@]+@|(?:password|wachtwoord|secret|geheim)\s*[=:]\s*\S+|=\([^)]*\)"
_REVEALING = re.compile("|".join((_TOKENS, _IDS, _PERSONS, _VALUES, _PLACES)))


def redact(text: str) -> str:
    """The text without what looks like a token, key, pseudonym, address, coordinate or query."""
    return _REVEALING.sub(HIDDEN, text)


def describe_error(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> str:
    """The way to an error and its kind, with the code of the database, and nothing of what it says."""
    lines = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    state = getattr(error, "sqlstate", None)
    lines.append(f"{kind.__module__}.{kind.__qualname__}" + (f" (sqlstate {state})" if state else ""))
    cause = error.__cause__ or error.__context__ if error is not None else None
    before = [describe_error(type(cause), cause, cause.__traceback__)] if cause is not None else []
    return "\n".join([*before, *lines])


@lru_cache(maxsize=2)
def _second(moment: int) -> str:
    """A second on the clock of this machine, of which many lines are."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))


class PlainFormatter(logging.Formatter):
    """Every line of every logger: without values, and errors as their kind and place."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002
        return f"{_second(int(record.created))},{int(record.msecs):03d}"

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = record.message if record.name == ACCESS.name else redact(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | object) -> str:
        kind, error, trace = ei if isinstance(ei, tuple) else sys.exc_info()
        return describe_error(kind, error, trace) if kind is not None else ""


def configure_logging(*, requests: bool) -> None:
    """Send every line of this process to standard error, without values. requests: a line for each request too."""
    handler = logging.StreamHandler()
    handler.setFormatter(PlainFormatter())
    # No line tells them, and each takes its time to find.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    # The same for the line of our code that logs, as the manual of logging advises.
    logging._srcfile = None
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    ACCESS.setLevel(logging.INFO if requests else logging.CRITICAL)
    guard_crashes()


def guard_crashes() -> None:
    """An error that nobody caught ends a program without telling what it choked on."""
    sys.excepthook = tell_crash


def tell_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """On standard error: the kind of an error that nobody caught, where it came up, and what to do."""
    print(describe_error(kind, error, trace), file=sys.stderr)
    print("Er ging iets mis in het programma. Meld de regels hierboven; er staan geen gegevens in.", file=sys.stderr)


class RequestLog:
    """One line per request, with a mark that the visitor gets too."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # To tell requests apart, and nothing that must not be guessed.
        mark = f"{random.getrandbits(32):08x}"
        scope.setdefault("state", {})["kenmerk"] = mark
        begun = time.perf_counter()
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", mark.encode())]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            if ACCESS.isEnabledFor(logging.INFO):
                milliseconds = (time.perf_counter() - begun) * 1000
                ACCESS.info("%s %s %s %.0fms %s", scope["method"], kind_of_address(scope), status, milliseconds, mark)


def kind_of_address(scope: Scope) -> str:
    """The address as the routes write it, with names in place of what was filled in."""
    path = getattr(scope.get("route"), "path", None)
    if path is None:
        # Files are not routes; the place where they hang is no value of anybody.
        return f"{scope['root_path']}/…" if scope.get("root_path") else UNKNOWN
    return str(path)
