"""Saved views: addresses of the website under a name, for who saved them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from geo_service.db.queries import werk as queries
from geo_service.errors import Faults, NotFound
from geo_service.werk.werkplek import Werkplek

MEESTE = 30
LANGSTE_NAAM, LANGSTE_ADRES = 60, 1_000
PAGINAS = ("/kaart", "/vergelijken", "/voorzieningen", "/zoeken", "/gebied/")


@dataclass(frozen=True)
class Weergave:
    nummer: int
    naam: str
    adres: str


async def of(werkplek: Werkplek) -> list[Weergave]:
    """The views that the viewer saved, by name."""
    async with werkplek.connect() as connection:
        return [Weergave(**row) for row in await queries.list_weergaven(connection)]


async def save(werkplek: Werkplek, form: Mapping[str, str]) -> None:
    """Save an address (form: naam, adres), in the place of one of the same name.

    InvalidParameters when it is no address of this website, or there are too many.
    """
    faults = Faults()
    naam, adres = " ".join(form.get("naam", "").split()).replace("\x00", ""), form.get("adres", "")
    if not 1 <= len(naam) <= LANGSTE_NAAM:
        faults.add("naam", f"Geef de weergave een naam van ten hoogste {LANGSTE_NAAM} tekens.")
    if not is_own_address(adres):
        faults.add("adres", "Alleen een pagina van deze website kan worden bewaard.")
    faults.raise_any()
    values = {"medewerker": werkplek.medewerker, "naam": naam, "adres": adres}
    async with werkplek.connect() as connection:
        if not await queries.add_weergave(connection, values, MEESTE):
            faults.add("naam", f"U heeft al {MEESTE} weergaven bewaard. Verwijder er eerst een.")
    faults.raise_any()


async def remove(werkplek: Werkplek, nummer: int) -> None:
    async with werkplek.connect() as connection:
        if not await queries.remove_weergave(connection, nummer):
            raise NotFound("Deze weergave is er niet, of is niet van u.")


def is_own_address(adres: str) -> bool:
    """Whether this is a page of ours that shows something, without another host in it."""
    # A browser reads a second slash as the beginning of another host, and forgives what stands before the first.
    if not adres.startswith("/") or adres.startswith("//"):
        return False
    if len(adres) > LANGSTE_ADRES or not adres.isprintable() or "\\" in adres:
        return False
    try:
        parts = urlsplit(adres)
    except ValueError:
        return False
    known = parts.path in PAGINAS[:-1] or parts.path.startswith(PAGINAS[-1])
    return not parts.scheme and not parts.netloc and known and ".." not in parts.path
