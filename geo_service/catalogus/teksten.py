"""Sentences about sources, quality and citing, the same in the graph and in the metadata document."""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.catalogus.licenties import licentie_van
from geo_service.catalogus.model import Breuk, Bron, Dataset, Uitgave
from geo_service.catalogus.waarden import Licentie
from geo_service.domain.perioden import dag_naam

UNKNOWN = "niet opgegeven"


@dataclass(frozen=True, slots=True)
class Opmerking:
    """One thing a reader must know before using the data. kenmerk: a short fixed name for programs."""

    kenmerk: str
    zin: str


def bron_tekst(bron: Bron) -> str:
    """A source in one line: holder, definition, unit, legal basis, coverage."""
    facts = (
        ("houder", bron.houder),
        ("definitie", bron.definitie),
        ("registratie-eenheid", bron.registratie_eenheid),
        ("grondslag", bron.grondslag),
        ("dekking", bron.dekking_tekst),
    )
    return f"Bron {bron.naam}: " + "; ".join(f"{name}: {value or UNKNOWN}" for name, value in facts) + "."


def breuk_tekst(bron: Bron, breuk: Breuk) -> str:
    where = f" in {breuk.gebied}" if breuk.gebied else ""
    return f"Trendbreuk bij {bron.naam}{where} op {dag_naam(breuk.datum)}: {breuk.reden}"


def kwaliteit(dataset: Dataset) -> list[Opmerking]:
    """What limits the use of a dataset: of its collection, its boundaries and each of its sources."""
    found = [Opmerking("collectie", zin) for zin in dataset.collectie.toelichting.kwaliteit]
    if dataset.grenzen_benaderd:
        found.append(
            Opmerking(
                "grenzen-benaderd",
                "De grenzen van de gebieden zijn een benadering en niet de officiële grenzen. Ook de verdeling van "
                "punten over buurten is daardoor een benadering.",
            )
        )
    for bron in dataset.bronnen:
        found += _of_bron(bron)
    return found + _of_units(dataset)


def _of_bron(bron: Bron) -> list[Opmerking]:
    found = []
    if not bron.dekking:
        found.append(
            Opmerking(
                "dekking-onbekend", f"Van bron {bron.naam} is niet bekend voor welk gebied en welke periode zij telt."
            )
        )
    elif bron.afgeleid:
        found.append(
            Opmerking(
                "dekking-afgeleid",
                f"Van bron {bron.naam} is geen dekking opgegeven. De dekking is afgeleid uit de gegevens: van de "
                "eerste tot en met de laatste volle week.",
            )
        )
    if bron.trendbreuken:
        found.append(
            Opmerking(
                "trendbreuk",
                f"Vergelijk cijfers van bron {bron.naam} van voor en na een trendbreuk niet zonder meer.",
            )
        )
    if not bron.definitie:
        found.append(Opmerking("definitie-onbekend", f"Van bron {bron.naam} is niet opgegeven wat zij precies telt."))
    return found


def _of_units(dataset: Dataset) -> list[Opmerking]:
    units = registratie_eenheden(dataset)
    if len(units) < 2:
        return []
    zin = f"De bronnen tellen verschillende eenheden ({', '.join(units)}). Tel ze niet bij elkaar op."
    return [Opmerking("eenheden-verschillen", zin)]


def registratie_eenheden(dataset: Dataset) -> list[str]:
    return sorted({bron.registratie_eenheid for bron in dataset.bronnen if bron.registratie_eenheid})


def citeren(dataset: Dataset, uitgave: Uitgave) -> str:
    """A sentence to put under a table or in a list of sources: publisher, title, version, holders, licence, address."""
    if dataset.gewijzigd:
        version = f"versie van {dag_naam(dataset.gewijzigd.date())}"
    else:
        version = "zonder versiedatum; noem zelf de dag waarop u de gegevens ophaalde"
    parts = [f"{uitgave.uitgever.naam}, {dataset.titel} [dataset], {version}."]
    if dataset.bronnen:
        named = (f"{bron.naam} (houder: {bron.houder or UNKNOWN})" for bron in dataset.bronnen)
        parts.append(f"Bronnen: {', '.join(named)}.")
    licentie = licentie_van(dataset, uitgave)
    told = UNKNOWN if licentie is Licentie.NIET_OPGEGEVEN else licentie.value.label
    parts.append(f"Licentie: {told}.")
    parts.append(uitgave.adressen.metadata(dataset.collectie.id, dataset.gemeente_code))
    return " ".join(parts)
