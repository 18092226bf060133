"""How each method is set, with its defaults. Apart from the methods themselves: whether a run is still true must be known
without loading them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from geo_service.domain.hotspots import BLINDE_VLEKKEN, METHODEN, OPKOMEND, PUNTEN, SCAN
from geo_service.errors import Refused
from geo_service.settings import get_settings

LEVEL = 0.05
_STRICT = ConfigDict(extra="forbid")

Meters = Annotated[float, Field(gt=0, le=100_000)]
Aantal = Annotated[int, Field(ge=1, le=1_000_000)]
Deel = Annotated[float, Field(gt=0, le=1)]
Kans = Annotated[float, Field(gt=0, le=0.5)]


@dataclass(frozen=True)
class Punten:
    """How the clusters are made."""

    __pydantic_config__ = _STRICT

    methode: Annotated[
        Literal["dbscan", "hdbscan"],
        Field(description="dbscan (overal dezelfde dichtheid) of hdbscan (ook groepen van verschillende dichtheid)."),
    ] = "dbscan"
    eps: Annotated[
        Meters | None,
        Field(description="Grootste afstand in meters tot een buur in de groep. Standaard uit de gegevens zelf."),
    ] = None
    min_size: Annotated[Aantal, Field(description="Kleinste aantal meldingen in een groep.")] = 10
    min_places: Annotated[Aantal, Field(description="Kleinste aantal verschillende plekken in een groep.")] = 5
    cell: Annotated[
        Annotated[float, Field(ge=25, le=5_000)],
        Field(description="Afstand in meters tussen de middens van de zeshoeken op de kaart."),
    ] = 100.0


@dataclass(frozen=True)
class Scan:
    """How the windows are made. One buurt may hold more than max_share."""

    __pydantic_config__ = _STRICT

    max_share: Annotated[
        Annotated[Deel, Field(le=0.5)], Field(description="Grootste deel van de woningen (of meldingen) in één gebied.")
    ] = 0.1
    max_radius: Annotated[
        Meters | None,
        Field(
            description="Grootste straal in meters. Standaard 1 kilometer of, als dat meer is, de afstand waarbinnen de "
            "helft van de buurten vier buren heeft."
        ),
    ] = None
    min_places: Annotated[Aantal, Field(description="Kleinste aantal verschillende plekken in een gebied.")] = 5
    weken: Annotated[Aantal, Field(le=520, description="Lengte in weken van de reeks waarin iets nieuw is.")] = 52
    fewest_weken: Annotated[Aantal, Field(ge=2, description="Kortste reeks in weken.")] = 10
    recent: Annotated[Aantal, Field(description="Langste duur in weken van iets dat nieuw is.")] = 8
    n_sim: Annotated[Aantal, Field(ge=99, le=99_999, description="Aantal keren dat het toeval wordt nagespeeld.")] = 999
    seed: Annotated[int, Field(ge=0, lt=2**63, description="Startgetal van het toeval.")] = 20260101


@dataclass(frozen=True)
class Opkomend:
    """What counts as high or low, and the expected share of false ones among the buurten that are named: alpha."""

    __pydantic_config__ = _STRICT

    alpha: Annotated[Kans, Field(description="Vanaf welke kans een kwartaal hoog of laag heet.")] = LEVEL
    min_places: Annotated[
        Aantal,
        Field(description="Kleinste aantal verschillende plekken in het laatste kwartaal, met de omgeving erbij."),
    ] = 5
    kwartalen: Annotated[Aantal, Field(ge=5, le=40, description="Grootste aantal kwartalen dat wordt vergeleken.")] = 12


@dataclass(frozen=True)
class BlindeVlekken:
    """From how much it follows what is to be expected."""

    __pydantic_config__ = _STRICT

    kwartalen: Annotated[Aantal, Field(le=40, description="Aantal kwartalen dat samen telt.")] = 4
    min_share: Annotated[
        Deel,
        Field(description="Deel van de inwoners waarvan een kenmerk bekend moet zijn voordat het meedoet."),
    ] = 0.8


STANDAARD: Mapping[str, Any] = {
    PUNTEN: Punten(),
    SCAN: Scan(),
    OPKOMEND: Opkomend(),
    BLINDE_VLEKKEN: BlindeVlekken(),
}

# How many of the last released quarters are kept up to date; what was computed of older ones stays.
KWARTALEN: Mapping[str, int] = {PUNTEN: 8, SCAN: 4, OPKOMEND: 4, BLINDE_VLEKKEN: 4}


def configure(*methoden: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The parameters of these methods (none named: of all): the defaults, then the settings of this service, then what
    is given (text will do). Refused names the first that does not exist or cannot have its value."""
    configured = get_settings().hotspots
    if strange := sorted(set(configured) - set(METHODEN)):
        raise Refused(f"In de instelling hotspots staat een onbekende methode: {strange[0]!r}.")
    return {
        methode: _make(methode, {**configured.get(methode, {}), **(given or {})}) for methode in methoden or METHODEN
    }


def _make(methode: str, given: Mapping[str, Any]) -> Any:
    kind = type(STANDAARD[methode])
    try:
        return TypeAdapter(kind).validate_python(vars(STANDAARD[methode]) | given)
    except ValidationError as error:
        raise Refused(_explain(methode, error)) from None


def describe_parameters(methode: str) -> dict[str, str]:
    """What each parameter of a method means, in Dutch."""
    properties = TypeAdapter(type(STANDAARD[methode])).json_schema()["properties"]
    return {name: schema["description"] for name, schema in properties.items()}


def _explain(methode: str, error: ValidationError) -> str:
    first = error.errors()[0]
    name, known = str(first["loc"][0]), describe_parameters(methode)
    if name not in known:
        return f"{methode} heeft geen instelling {name!r}. Kies uit {', '.join(known)}."
    return f"De instelling {name} van {methode} kan niet {first['input']!r} zijn. {known[name]}"
