"""Which licence may honestly be stated.

Only the holder of the rights can grant a licence, and a granted one cannot be taken back. So nothing is assumed: a
publisher's licence counts for what the publisher holds itself, another holder's source counts as registered.
"""

from __future__ import annotations

from collections.abc import Iterable

from geo_service.catalogus.model import Bron, Dataset, Uitgave
from geo_service.catalogus.waarden import Licentie, Toegang

LICENTIECODES = {"cc0": Licentie.CC0, "cc-by-4.0": Licentie.CC_BY}


def licentie_van(dataset: Dataset, uitgave: Uitgave) -> Licentie:
    """The licence of a dataset: closed when not public, else the strictest of its sources; unknown when one is."""
    if dataset.collectie.toegang is Toegang.BEPERKT:
        return Licentie.GESLOTEN
    granted = {bron_licentie(bron, uitgave) for bron in dataset.bronnen}
    if Licentie.GESLOTEN in granted:
        return Licentie.GESLOTEN
    if not granted or Licentie.NIET_OPGEGEVEN in granted or uitgave.licentie is None:
        return Licentie.NIET_OPGEGEVEN
    # Attribution that a source asks for is not lost by adding it up.
    return Licentie.CC_BY if Licentie.CC_BY in granted else uitgave.licentie


def bron_licentie(bron: Bron, uitgave: Uitgave) -> Licentie:
    """As registered, else the publisher's own for what the publisher holds, else not given."""
    own = bron.houder is not None and _same(bron.houder, uitgave.uitgever.naam)
    return bron.licentie or (uitgave.licentie if own else None) or Licentie.NIET_OPGEGEVEN


def gezamenlijke_licentie(datasets: Iterable[Dataset], uitgave: Uitgave) -> Licentie:
    """The licence of the service: that of its public datasets when they all have the same one, else not given."""
    granted = {licentie_van(dataset, uitgave) for dataset in datasets if dataset.collectie.toegang is Toegang.OPENBAAR}
    return granted.pop() if len(granted) == 1 else Licentie.NIET_OPGEGEVEN


def rechten_tekst(dataset: Dataset, uitgave: Uitgave) -> str:
    """The rights in Dutch: what the licence says and what is known of each source."""
    licentie = licentie_van(dataset, uitgave)
    parts = [_SENTENCES[licentie]]
    if dataset.bronnen:
        told = (f"{bron.naam}: {bron_licentie(bron, uitgave).value.label}" for bron in dataset.bronnen)
        parts.append(f"Per bron: {'; '.join(told)}.")
    return " ".join(parts)


_SENTENCES = {
    Licentie.CC0: "U mag deze gegevens vrij gebruiken. Een bronvermelding is niet verplicht, maar wel fijn.",
    Licentie.CC_BY: "U mag deze gegevens gebruiken als u de bron vermeldt.",
    Licentie.GESLOTEN: "Deze gegevens zijn alleen voor het werk van bevoegde medewerkers. Verspreid ze niet verder.",
    Licentie.NIET_OPGEGEVEN: "Voor deze gegevens is geen licentie opgegeven. Vraag toestemming aan de uitgever of "
    "aan de houder van de bron voordat u ze hergebruikt.",
}


def _same(first: str, second: str) -> bool:
    return first.strip().casefold() == second.strip().casefold()
