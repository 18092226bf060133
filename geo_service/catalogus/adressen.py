"""Web addresses of everything in the catalogue; the only place that knows how the API's paths are built."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

TOOI = "https://identifier.overheid.nl/tooi/id/gemeente/"


def gemeente_uri(code: str) -> str:
    """The government's own URI of a municipality: ``GM0153`` gives ``…/gemeente/gm0153``."""
    return TOOI + quote(code.lower(), safe="")


def is_gemeente_uri(uri: str | None) -> bool:
    return uri is not None and uri.startswith(TOOI)


@dataclass(frozen=True)
class Adressen:
    """basis: where the service is reached, without a path: ``https://buurtsignaal.voorbeeld.nl``."""

    basis: str

    @property
    def api(self) -> str:
        return f"{self.basis.rstrip('/')}/v1/"

    @property
    def openapi(self) -> str:
        return f"{self.api}openapi.json"

    @property
    def uitleg(self) -> str:
        return f"{self.basis.rstrip('/')}/uitleg"

    @property
    def catalogus(self) -> str:
        return f"{self.api}catalogus"

    def deel(self, naam: str) -> str:
        """Something that only the catalogue describes: itself, the service, the publisher, the contact."""
        return f"{self.catalogus}#{naam}"

    def metadata(self, collectie: str, gemeente: str) -> str:
        return self._collectie(collectie, "/metadata", gemeente=gemeente)

    def dataset(self, collectie: str, gemeente: str) -> str:
        return f"{self.metadata(collectie, gemeente)}#dataset"

    def distributie(self, collectie: str, gemeente: str, formaat: str) -> str:
        return f"{self.metadata(collectie, gemeente)}#{quote(formaat, safe='')}"

    def items(self, collectie: str, gemeente: str, formaat: str) -> str:
        return self._collectie(collectie, "/items", gemeente=gemeente, f=formaat)

    def _collectie(self, collectie: str, rest: str, **parameters: str) -> str:
        return f"{self.api}collections/{quote(collectie, safe='')}{rest}?{urlencode(parameters)}"
