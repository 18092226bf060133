"""The metadata document of one dataset: everything a reader must know, as plain data with Dutch keys."""

from __future__ import annotations

from typing import Any

from geo_service.catalogus.licenties import bron_licentie, licentie_van, rechten_tekst
from geo_service.catalogus.model import Bron, Dataset, Dekkingsregel, Uitgave
from geo_service.catalogus.teksten import breuk_tekst, citeren, kwaliteit, registratie_eenheden
from geo_service.catalogus.waarden import TAAL, Licentie, Waarde
from geo_service.domain.velden import Veld

Document = dict[str, Any]


def metadata(dataset: Dataset, uitgave: Uitgave) -> Document:
    """JSON-ready: days and moments are ISO texts, None means that nobody told."""
    collectie, uitleg = dataset.collectie, dataset.collectie.toelichting
    return {
        "id": collectie.id,
        "titel": dataset.titel,
        "beschrijving": collectie.beschrijving,
        "definitie": uitleg.definitie,
        "registratie_eenheden": registratie_eenheden(dataset),
        "gemeente": {"code": dataset.gemeente_code, "naam": dataset.gemeente_naam},
        "toegang": collectie.toegang.value.label,
        "thema": uitleg.thema.value.label,
        "trefwoorden": list(uitleg.trefwoorden),
        "bronnen": [_bron(bron, uitgave) for bron in dataset.bronnen],
        "dekking_tekst": _dekking_tekst(dataset),
        "looptijd": _looptijd(dataset),
        "bbox": list(dataset.bbox) if dataset.bbox else None,
        "kwaliteit": [{"kenmerk": note.kenmerk, "tekst": note.zin} for note in kwaliteit(dataset)],
        "licentie": _licentie(licentie_van(dataset, uitgave)) | {"toelichting": rechten_tekst(dataset, uitgave)},
        "citeren": citeren(dataset, uitgave),
        "verversing": uitleg.frequentie.value.label,
        "gewijzigd": dataset.versie,
        "taal": _waarde(TAAL),
        "uitgever": {"naam": uitgave.uitgever.naam, "url": uitgave.uitgever.uri, "email": uitgave.uitgever.email},
        "velden": [_veld(veld) for veld in collectie.velden],
        "formaten": _formaten(dataset, uitgave),
        "url": uitgave.adressen.metadata(collectie.id, dataset.gemeente_code),
    }


def _bron(bron: Bron, uitgave: Uitgave) -> Document:
    return {
        "naam": bron.naam,
        "houder": bron.houder,
        "definitie": bron.definitie,
        "registratie_eenheid": bron.registratie_eenheid,
        "grondslag": bron.grondslag,
        "licentie": _licentie(bron_licentie(bron, uitgave)),
        "dekking_tekst": bron.dekking_tekst,
        "dekking": [_regel(regel) for regel in bron.dekking],
        "trendbreuken": [
            {
                "datum": breuk.datum.isoformat(),
                "reden": breuk.reden,
                "gebied": breuk.gebied,
                "tekst": breuk_tekst(bron, breuk),
            }
            for breuk in bron.trendbreuken
        ],
    }


def _regel(regel: Dekkingsregel) -> Document:
    return {
        "gebied": regel.gebied,
        "gebied_naam": regel.gebied_naam,
        "van": regel.van.isoformat(),
        "tot": regel.tot.isoformat(),
        "loopt_door": regel.loopt_door,
        "afgeleid": regel.afgeleid,
    }


def _dekking_tekst(dataset: Dataset) -> str:
    if not dataset.bronnen:
        return "Bij deze collectie horen geen bronnen met een eigen dekking."
    return ". ".join(f"{bron.naam}: {bron.dekking_tekst}" for bron in dataset.bronnen) + "."


def _looptijd(dataset: Dataset) -> Document | None:
    if dataset.looptijd is None:
        return None
    tot = dataset.looptijd.tot
    return {"van": dataset.looptijd.van.isoformat(), "tot": tot.isoformat() if tot else None}


def _formaten(dataset: Dataset, uitgave: Uitgave) -> list[Document]:
    def address(code: str) -> str:
        return uitgave.adressen.items(dataset.collectie.id, dataset.gemeente_code, code)

    return [
        {"code": item.code, "titel": item.titel, "mediatype": item.mediatype, "url": address(item.code)}
        for item in uitgave.formaten
    ]


def _licentie(licentie: Licentie) -> Document:
    """Without an address when there is no text of a licence to read."""
    readable = licentie in (Licentie.CC0, Licentie.CC_BY)
    return {"naam": licentie.value.label, "url": licentie.value.uri if readable else None}


def _veld(veld: Veld) -> Document:
    return {"naam": veld.naam, "soort": veld.soort.value, "betekenis": veld.titel, "waarden": list(veld.waarden)}


def _waarde(waarde: Waarde) -> Document:
    return {"naam": waarde.label, "url": waarde.uri}
