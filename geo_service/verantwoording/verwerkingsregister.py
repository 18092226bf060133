"""The register of processing (article 30 of the AVG): each source, and what the service itself keeps of its users."""

from __future__ import annotations

from collections.abc import Iterable

from geo_service.db.queries.verwerking import Bronrij
from geo_service.settings import Settings
from geo_service.verantwoording import beschrijvingen
from geo_service.verantwoording.feiten import Feiten, missing

Rij = dict[str, str]
BRONNEN_TOML = "in bronnen.toml"
MAATREGELEN = (
    "Rijbeveiliging per stadsdeel, pseudoniemen, drempels voor kleine aantallen, logboek van elke inzage, versleutelde "
    "verbinding, rollen met zo weinig mogelijk rechten (zie de DPIA-bijlage)"
)
DOORGIFTE = "De dienst geeft niets door buiten de EU. Waar de server staat, vult de gemeente zelf in."


def make_register(feiten: Feiten) -> list[Rij]:
    """One row per processing; every row has the same fields."""
    return [*(_source(feiten.settings, bron) for bron in feiten.bronnen), _access(feiten.settings)]


def _source(settings: Settings, bron: Bronrij) -> Rij:
    laag = beschrijvingen.lagen().get(bron.laag or "", {"wat": missing("er is nog niets ingelezen")})
    return _common(settings) | {
        "verwerking": f"{laag['wat']}: {bron.naam}",
        "gemeente": bron.gemeente_code,
        "bron": bron.naam,
        "houder": _or_missing(bron.houder, "houder"),
        "persoonsgegevens": laag.get("persoonsgegevens", "onbekend"),
        "doel": _or_missing(bron.doel, "doel"),
        "grondslag": _or_missing(bron.grondslag, "grondslag"),
        "artikel": _or_missing(bron.artikel, "artikel"),
        "betrokkenen": _listed(bron.betrokkenen, "betrokkenen"),
        "gegevens": _listed(bron.gegevens, "gegevens"),
        "ontvangers": _listed(bron.ontvangers, "ontvangers"),
        "bewaartermijn": _term(bron.bewaartermijn_maanden),
    }


def _access(settings: Settings) -> Rij:
    """Log-in and log: who works with the service is a person too."""
    return _common(settings) | {
        "verwerking": "Toegang en logboek",
        "gemeente": "",
        "bron": "",
        "houder": settings.uitgever_naam,
        "persoonsgegevens": "ja",
        "doel": "De gegevens beveiligen en kunnen nagaan wie wat heeft bekeken of gewijzigd",
        "grondslag": "wettelijke plicht tot beveiliging en verantwoording",
        "artikel": "AVG artikel 6 lid 1 onder c, artikel 5 lid 2 en artikel 32",
        "betrokkenen": "medewerkers en onderzoekers die inloggen of een sleutel hebben",
        "gegevens": "kenmerk bij de aanmelddienst, rol, gebied, handeling, moment en netwerkadres",
        "ontvangers": "beheerder",
        "bewaartermijn": f"{settings.logboek_maanden} maanden",
    }


def _common(settings: Settings) -> Rij:
    unset = settings.uitgever_naam == type(settings).model_fields["uitgever_naam"].default
    contact = settings.privacy_contact or settings.contact_email
    return {
        "verantwoordelijke": missing("BUURTSIGNAAL_UITGEVER_NAAM") if unset else settings.uitgever_naam,
        "contact": contact or missing("BUURTSIGNAAL_PRIVACY_CONTACT"),
        "doorgifte_buiten_eu": DOORGIFTE,
        "beveiliging": MAATREGELEN,
    }


def _or_missing(value: str | None, name: str) -> str:
    return value or missing(f"{name} {BRONNEN_TOML}")


def _listed(values: Iterable[str] | None, name: str) -> str:
    return "; ".join(values or ()) or missing(f"{name} {BRONNEN_TOML}")


def _term(months: int | None) -> str:
    if months is None:
        return missing(f"bewaartermijn {BRONNEN_TOML}")
    years, rest = divmod(months, 12)
    return f"{years} jaar" if years and not rest else f"{months} maanden"
