"""Every error a user can meet, and how it is told.

    BuurtsignaalError            status, title and a Dutch sentence; becomes problem+json or one line in a terminal
    ├── InvalidParameters 400    every wrong parameter at once
    ├── InvalidToken      401
    ├── Forbidden         403    a form that was not sent from our own page
    ├── NotFound          404    also for what this viewer may not know exists
    ├── NotAcceptable     406    no format that the client accepts
    ├── Conflict          409    another run holds the source
    ├── Stale             412    somebody else was first
    ├── TooLarge          413    more than a request may send along
    ├── WrongType         415    a body of a kind that we do not read
    ├── Refused           422    a file or command that cannot be carried out
    ├── NoCondition       428    a change that does not say which version it is of
    ├── TooManyRequests   429
    └── Unavailable       503    no database, missing right, extension or index

Texts of the database never reach a user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
PROBLEM_BASE = "https://buurtsignaal.nl/problemen/"


class BuurtsignaalError(Exception):
    status = 500
    slug = "fout"
    title = "Er ging iets mis"

    def problem(self) -> dict[str, Any]:
        """The RFC 9457 document of this error."""
        return {
            "type": PROBLEM_BASE + self.slug,
            "title": self.title,
            "status": self.status,
            "detail": str(self),
        }


@dataclass(frozen=True)
class ParameterFault:
    """One wrong query parameter and what is wrong with it, in Dutch."""

    name: str
    reason: str


class InvalidParameters(BuurtsignaalError):
    status = 400
    slug = "ongeldige-parameters"
    title = "De vraag klopt niet"

    def __init__(self, *faults: ParameterFault):
        self.faults = faults
        super().__init__(" ".join(f"{fault.name}: {fault.reason}" for fault in faults))

    def problem(self) -> dict[str, Any]:
        listed = [{"parameter": fault.name, "reden": fault.reason} for fault in self.faults]
        return super().problem() | {"parameters": listed}


class Faults:
    """Collects what is wrong with a question, so that all of it is told at once."""

    def __init__(self) -> None:
        self._found: list[ParameterFault] = []

    def add(self, name: str, reason: str) -> None:
        self._found.append(ParameterFault(name, reason))

    def require(self, name: str, value: str | None, known: Iterable[str]) -> None:
        """A value, when given, must be one of the known ones."""
        listed = list(known)
        if value is not None and value not in listed:
            self.add(name, f"{value[:60]!r} bestaat niet. Kies uit {', '.join(listed)}.")

    def catch(self, check: Callable[[], T]) -> T | None:
        """The result of a check, or None after noting the faults it raised."""
        try:
            return check()
        except InvalidParameters as error:
            self._found.extend(error.faults)
            return None

    def raise_any(self) -> None:
        if self._found:
            raise InvalidParameters(*self._found)


class InvalidToken(BuurtsignaalError):
    status = 401
    slug = "ongeldig-token"
    title = "Het token is niet geldig"


class Forbidden(BuurtsignaalError):
    status = 403
    slug = "niet-toegestaan"
    title = "Dit mag niet"


class NotFound(BuurtsignaalError):
    status = 404
    slug = "niet-gevonden"
    title = "Niet gevonden"


class NotAcceptable(BuurtsignaalError):
    status = 406
    slug = "formaat-niet-beschikbaar"
    title = "Dit formaat is er niet"


class Conflict(BuurtsignaalError):
    status = 409
    slug = "bezet"
    title = "Er loopt al een inlezing"


class Stale(BuurtsignaalError):
    status = 412
    slug = "inmiddels-veranderd"
    title = "Inmiddels veranderd"


class TooLarge(BuurtsignaalError):
    status = 413
    slug = "te-groot"
    title = "Het verzoek is te groot"


class WrongType(BuurtsignaalError):
    status = 415
    slug = "soort-inhoud-onbekend"
    title = "Deze soort inhoud kan niet"


class Refused(BuurtsignaalError):
    status = 422
    slug = "geweigerd"
    title = "Geweigerd"


class NoCondition(BuurtsignaalError):
    status = 428
    slug = "versie-ontbreekt"
    title = "De versie ontbreekt"


class TooManyRequests(BuurtsignaalError):
    status = 429
    slug = "te-veel-verzoeken"
    title = "Te veel verzoeken"


class Unavailable(BuurtsignaalError):
    status = 503
    slug = "tijdelijk-niet-beschikbaar"
    title = "Even niet beschikbaar"
