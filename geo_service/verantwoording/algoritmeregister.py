"""The register of algorithms: one registration per method, with the fields of publication standard 1.0."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo_service.db.queries.verwerking import Bronrij
from geo_service.jobs.analyse.parameters import describe_parameters
from geo_service.verantwoording import beschrijvingen
from geo_service.verantwoording.feiten import Feiten, missing
from geo_service.verantwoording.verwerkingsregister import organisation

Kort = Annotated[str, Field(min_length=1, max_length=100)]
Tekst = Annotated[str, Field(min_length=1, max_length=2500)]
Adres = Annotated[str, Field(max_length=500)]
OWN_TEXTS = (
    "name",
    "description_short",
    "publication_category",
    "goal",
    "proportionality",
    "human_intervention",
    "risks",
    "tags",
)
THEMAS = ["Openbare orde en veiligheid", "Wonen"]
LEVERANCIER = "Buurtsignaal (openbare broncode, EUPL-1.2)"
TOETSEN = (
    "De dienst maakt zelf een bijlage voor een DPIA. Of een DPIA of IAMA is gedaan, weet de dienst niet: vul dat aan "
    "voordat u deze registratie publiceert."
)


class Verwijzing(BaseModel):
    """A title with its address."""

    title: Kort
    link: Adres


class Registratie(BaseModel):
    """The fields of the standard by their own names; lengths and choices are those of the standard."""

    model_config = ConfigDict(extra="forbid")

    name: Kort
    description_short: Annotated[str, Field(min_length=1, max_length=350)]
    organization: Kort
    category: Annotated[list[str], Field(max_length=3)]
    status: Literal["In ontwikkeling", "In gebruik", "Buiten gebruik"]
    begin_date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")] | None = None
    contact_email: Adres
    website: Adres | None = None
    publication_category: Literal["Hoog-risico AI-systeem", "Impactvolle algoritmes", "Overige algoritmes"]
    goal: Tekst
    proportionality: Tekst
    human_intervention: Tekst
    risks: Tekst
    lawful_basis: Tekst
    impacttoetsen: Tekst
    source_data: Tekst
    source_data_grouping: list[Verwijzing]
    methods_and_models: Annotated[str, Field(min_length=1, max_length=5000)]
    provider: Annotated[str, Field(max_length=200)]
    lang: Literal["nld"] = "nld"
    standard_version: Literal["1.0"] = "1.0"
    source_id: Kort
    tags: Tekst


def make_registrations(feiten: Feiten) -> list[dict[str, Any]]:
    """A registration per algorithm that the service has."""
    return [
        _registration(feiten, name, texts).model_dump(exclude_none=True)
        for name, texts in beschrijvingen.methoden().items()
    ]


def _registration(feiten: Feiten, name: str, texts: dict[str, Any]) -> Registratie:
    settings = feiten.settings
    methode = texts.get("methode")
    begun = feiten.begonnen.get(methode) if methode else None
    used = begun is not None or (methode is None and bool(feiten.bronnen))
    root = (settings.openbaar_adres or "").rstrip("/")
    return Registratie(
        **{field: texts[field] for field in OWN_TEXTS},
        organization=organisation(settings),
        category=THEMAS,
        status="In gebruik" if used else "In ontwikkeling",
        begin_date=f"{begun:%Y-%m}" if begun else None,
        contact_email=settings.contact_email or missing("BUURTSIGNAAL_CONTACT_EMAIL"),
        website=f"{root}/uitleg" if root else None,
        lawful_basis=_legal_basis(feiten),
        impacttoetsen=TOETSEN,
        source_data=_sources(feiten),
        source_data_grouping=[Verwijzing(title="Catalogus van bronnen", link=f"{root}/v1/catalogus")] if root else [],
        methods_and_models=_technique(feiten, texts),
        provider=LEVERANCIER,
        source_id=f"buurtsignaal-{name}",
    )


def _counted(feiten: Feiten) -> list[Bronrij]:
    return [bron for bron in feiten.bronnen if bron.laag in ("meldingen", "bezoeken")]


def _legal_basis(feiten: Feiten) -> str:
    told = []
    for bron in _counted(feiten):
        known = ", ".join(filter(None, (bron.grondslag, bron.artikel)))
        told.append(f"{bron.naam}: {known or missing('grondslag in bronnen.toml')}.")
    return _cut(" ".join(told)) or missing("er zijn nog geen bronnen")


def _sources(feiten: Feiten) -> str:
    unknown = missing("definitie in bronnen.toml")
    told = [f"{bron.naam}: {(bron.definitie or unknown).rstrip('. ')}." for bron in _counted(feiten)]
    plain = "Geen namen, geen vrije tekst; van melder en adres alleen een pseudoniem. "
    return _cut(plain + " ".join(told)) if told else missing("er zijn nog geen bronnen")


def _technique(feiten: Feiten, texts: dict[str, Any]) -> str:
    settings = _settings(feiten, texts)
    chosen = f" Instellingen: {'; '.join(settings)}." if settings else ""
    return f"{texts['techniek']} Het algoritme is niet zelflerend.{chosen} Versie: {feiten.versie}."


def _settings(feiten: Feiten, texts: dict[str, Any]) -> list[str]:
    methode = texts.get("methode")
    if methode:
        words, values = describe_parameters(methode), feiten.parameters[methode]
        return [f"{name} = {'vanzelf' if values[name] is None else values[name]} ({words[name]})" for name in words]
    if texts.get("drempels"):
        return [
            f"drempel voor iedereen = {feiten.settings.drempel_publiek}",
            f"drempel voor medewerkers van andere stadsdelen = {feiten.settings.drempel_dienst}",
            f"dagen tot vrijgave = {feiten.settings.bevriezing_dagen}",
        ]
    return []


def _cut(text: str, longest: int = 2500) -> str:
    return text if len(text) <= longest else text[: longest - 2] + " …"
