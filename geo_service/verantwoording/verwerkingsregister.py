"""The register of processing (article 30 of the AVG): each source, and what the service itself keeps of its users."""

from __future__ import annotations

from geo_service.db.queries.verwerking import Bronrij
from geo_service.settings import Settings
from geo_service.verantwoording import beschrijvingen
from geo_service.verantwoording.feiten import Feiten, missing

Rij = dict[str, str]
BRONNEN_TOML = "in bronnen.toml"
NVT = "niet van toepassing: geen persoonsgegevens"
NIETS_INGELEZEN = {"wat": "Nog niets ingelezen", "persoonsgegevens": "onbekend"}
MAATREGELEN = (
    "Rijbeveiliging per stadsdeel, pseudoniemen, drempels voor kleine aantallen, logboek van elke inzage, versleutelde "
    "verbinding, rollen met zo weinig mogelijk rechten (zie de DPIA-bijlage)"
)
DOORGIFTE = "De dienst geeft niets door buiten de EU. Waar de server staat, vult de gemeente zelf in."


def make_register(feiten: Feiten) -> list[Rij]:
    """One row per processing; every row has the same fields."""
    return [*(_source(feiten.settings, bron) for bron in feiten.bronnen), _access(feiten.settings)]


def _source(settings: Settings, bron: Bronrij) -> Rij:
    laag = beschrijvingen.lagen().get(bron.laag or "", NIETS_INGELEZEN)
    told = {
        "doel": bron.doel,
        "grondslag": bron.grondslag,
        "artikel": bron.artikel,
        "betrokkenen": "; ".join(bron.betrokkenen or ()),
        "gegevens": "; ".join(bron.gegevens or ()),
        "ontvangers": "; ".join(bron.ontvangers or ()),
        "bewaartermijn": _term(bron.bewaartermijn_maanden),
    }
    # Of what is not about persons the law asks nothing.
    required = laag["persoonsgegevens"] != "nee"
    return _common(settings) | {
        "verwerking": f"{laag['wat']}: {bron.naam}",
        "gemeente": bron.gemeente_code,
        "bron": bron.naam,
        "houder": bron.houder or missing(f"houder {BRONNEN_TOML}"),
        "persoonsgegevens": laag["persoonsgegevens"],
        **{name: text or (missing(f"{name} {BRONNEN_TOML}") if required else NVT) for name, text in told.items()},
    }


def _access(settings: Settings) -> Rij:
    """Log-in and log: who works with the service is a person too."""
    return _common(settings) | {
        "verwerking": "Toegang en logboek",
        "gemeente": "",
        "bron": "",
        "houder": organisation(settings),
        "persoonsgegevens": "ja",
        "doel": "De gegevens beveiligen en kunnen nagaan wie wat heeft bekeken of gewijzigd",
        "grondslag": "wettelijke plicht tot beveiliging en verantwoording",
        "artikel": "AVG artikel 6 lid 1 onder c, artikel 5 lid 2 en artikel 32",
        "betrokkenen": "medewerkers en onderzoekers die inloggen of een sleutel hebben",
        "gegevens": "kenmerk bij de aanmelddienst, rol, gebied, handeling, moment en netwerkadres",
        "ontvangers": "beheerder",
        "bewaartermijn": _term(settings.logboek_maanden) or "",
    }


def organisation(settings: Settings) -> str:
    """The municipality as it calls itself; missing until it does."""
    unset = settings.uitgever_naam == type(settings).model_fields["uitgever_naam"].default
    return missing("BUURTSIGNAAL_UITGEVER_NAAM") if unset else settings.uitgever_naam


def _common(settings: Settings) -> Rij:
    contact = settings.privacy_contact or settings.contact_email
    return {
        "verantwoordelijke": organisation(settings),
        "contact": contact or missing("BUURTSIGNAAL_PRIVACY_CONTACT"),
        "doorgifte_buiten_eu": DOORGIFTE,
        "beveiliging": MAATREGELEN,
    }


def _term(months: int | None) -> str | None:
    if months is None:
        return None
    years, rest = divmod(months, 12)
    return f"{years} jaar" if years and not rest else f"{months} maanden"
