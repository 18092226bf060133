"""What the catalogue knows: who publishes, which collections there are, and of each its sources and their limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from geo_service.catalogus.adressen import Adressen
from geo_service.catalogus.waarden import FORMATEN, Formaat, Frequentie, Licentie, Thema, Toegang
from geo_service.domain.velden import Veld
from geo_service.identity import Viewer

_URI = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x1f\x7f]+")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)

Bbox = tuple[float, float, float, float]
"""west, south, east, north in degrees (CRS84)."""


def is_uri(text: str) -> bool:
    return _URI.fullmatch(text) is not None


@dataclass(frozen=True)
class Organisatie:
    """Who publishes. ValueError when the address is no http(s) URI or the e-mail address is none."""

    naam: str
    uri: str | None = None
    email: str | None = None

    def __post_init__(self) -> None:
        if not self.naam.strip():
            raise ValueError("De uitgever heeft een naam nodig.")
        if self.uri is not None and not is_uri(self.uri):
            raise ValueError(f"{self.uri[:80]!r} is geen webadres.")
        if self.email is not None and not _MAIL.fullmatch(self.email):
            raise ValueError(f"{self.email[:80]!r} is geen e-mailadres.")


@dataclass(frozen=True)
class Toelichting:
    """What a collection means beyond its title.

    lagen: layers whose sources it is made of. cijfers: it holds figures that are judged and, for the public, released.
    """

    definitie: str
    lagen: tuple[str, ...] = ()
    cijfers: bool = False
    thema: Thema = Thema.SAMENLEVING
    frequentie: Frequentie = Frequentie.ONBEKEND
    trefwoorden: tuple[str, ...] = ()
    kwaliteit: tuple[str, ...] = ()


@dataclass(frozen=True)
class CollectieTekst:
    """A collection as the catalogue needs it. visible_to: who may know that it exists."""

    id: str
    titel: str
    beschrijving: str
    velden: tuple[Veld, ...]
    toelichting: Toelichting
    visible_to: Callable[[Viewer], bool]

    @property
    def toegang(self) -> Toegang:
        return Toegang.OPENBAAR if self.visible_to(Viewer()) else Toegang.BEPERKT


@dataclass(frozen=True, slots=True)
class Looptijd:
    """Days that the data speak about. tot None: until further notice."""

    van: date
    tot: date | None


@dataclass(frozen=True, slots=True)
class Dekkingsregel:
    """A source counts in an area from van through tot. loopt_door: tot is only the last day loaded so far."""

    gebied: str
    gebied_naam: str
    van: date
    tot: date
    loopt_door: bool = False
    afgeleid: bool = False


@dataclass(frozen=True, slots=True)
class Breuk:
    """A trend break. gebied None: everywhere in the municipality."""

    datum: date
    reden: str
    gebied: str | None = None


@dataclass(frozen=True)
class Bron:
    """A source and its limits. None: nobody told. licentie: as registered by who loaded it, never guessed."""

    naam: str
    houder: str | None = None
    definitie: str | None = None
    registratie_eenheid: str | None = None
    grondslag: str | None = None
    licentie: Licentie | None = None
    dekking_tekst: str = "geen dekking bekend"
    dekking: tuple[Dekkingsregel, ...] = ()
    trendbreuken: tuple[Breuk, ...] = ()

    @property
    def afgeleid(self) -> bool:
        return any(regel.afgeleid for regel in self.dekking)

    @property
    def wet(self) -> str | None:
        """The legal basis when it is given as a reference to a law; as a sentence it is a text only."""
        return self.grondslag if self.grondslag and is_uri(self.grondslag) else None


@dataclass(frozen=True)
class Dataset:
    """One collection of one municipality, as one viewer may know it."""

    collectie: CollectieTekst
    gemeente_code: str
    gemeente_naam: str
    bronnen: tuple[Bron, ...] = ()
    grenzen_benaderd: bool = False
    looptijd: Looptijd | None = None
    bbox: Bbox | None = None
    gewijzigd: datetime | None = None

    @property
    def titel(self) -> str:
        return f"{self.collectie.titel}, {self.gemeente_naam}"

    @property
    def versie(self) -> str | None:
        """The moment of the last change, in words that sort: data have no other version."""
        return self.gewijzigd.isoformat(timespec="seconds") if self.gewijzigd else None


@dataclass(frozen=True)
class Uitgave:
    """Who publishes the catalogue, where, in which formats, and under which licence their own figures are.

    licentie None: the publisher granted none. conformiteit: URIs of what the API conforms to.
    """

    uitgever: Organisatie
    adressen: Adressen
    licentie: Licentie | None = None
    formaten: tuple[Formaat, ...] = FORMATEN
    conformiteit: tuple[str, ...] = ("http://www.opengis.net/def/interface/ogcapi-features",)


@dataclass(frozen=True)
class Catalogus:
    """Everything that one viewer may know: the publication and its datasets."""

    uitgave: Uitgave
    datasets: tuple[Dataset, ...] = ()
