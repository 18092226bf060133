"""The catalogue in DCAT-AP-NL 3.0, as an RDF graph.

Profile: https://docs.geostandaarden.nl/dcat/dcat-ap-nl30/. Texts are Dutch and say so; a value of a vocabulary carries
its label, so that a reader of the file needs no second look-up. Quality uses DQV, holders PROV.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import TypeVar

from rdflib import BNode, Graph, Literal, Namespace, Node, URIRef
from rdflib.namespace import DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, XSD

from geo_service.catalogus.adressen import gemeente_uri, is_gemeente_uri
from geo_service.catalogus.licenties import gezamenlijke_licentie, licentie_van, rechten_tekst
from geo_service.catalogus.model import Bbox, Bron, Catalogus, Dataset, Looptijd, Organisatie, Uitgave
from geo_service.catalogus.teksten import breuk_tekst, bron_tekst, kwaliteit
from geo_service.catalogus.waarden import (
    EU,
    IANA,
    LOKALE_OVERHEID,
    TAAL,
    THEMALIJST,
    Formaat,
    Licentie,
    Thema,
    Toegang,
    Waarde,
)

# The library knows DCAT 2 only; version is of DCAT 3.
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
DQV = Namespace("http://www.w3.org/ns/dqv#")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
OA = Namespace("http://www.w3.org/ns/oa#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
CUSTODIAN = URIRef("http://inspire.ec.europa.eu/metadata-codelist/ResponsiblePartyRole/custodian")
PREFIXES = {
    "dcat": DCAT, "dct": DCTERMS, "dcatap": DCATAP, "dqv": DQV, "eli": ELI, "foaf": FOAF, "geo": GEO, "oa": OA,
    "prov": PROV, "rdf": RDF, "rdfs": RDFS, "skos": SKOS, "vcard": VCARD, "xsd": XSD,
}  # fmt: skip

# No RDF text can hold these: half a character pair, and control characters other than tab and line ends.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

CATALOGUS_TEKST = "Alle collecties van Buurtsignaal die u mag zien, met hun bronnen en beperkingen."
DIENST_TEKST = "Overlast, wijkwijzers, voorzieningen en woningen per gebied, via OGC API Features."

Subject = TypeVar("Subject", URIRef, BNode)
Properties = Iterable[tuple[URIRef, Node | None]]


def make_graph(catalogus: Catalogus) -> Graph:
    """Catalogue, service, datasets and distributions as one graph."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    _add_uitgever(graph, catalogus.uitgave)
    _add_catalogus(graph, catalogus)
    _add_dienst(graph, catalogus)
    for dataset in catalogus.datasets:
        _add_dataset(graph, dataset, catalogus.uitgave)
    return graph


def to_turtle(graph: Graph) -> str:
    return graph.serialize(format="turtle")


def to_jsonld(graph: Graph) -> str:
    context = {prefix: str(namespace) for prefix, namespace in PREFIXES.items()}
    return graph.serialize(format="json-ld", context=context, indent=2)


def _add_catalogus(graph: Graph, catalogus: Catalogus) -> None:
    uitgave = catalogus.uitgave
    adressen = uitgave.adressen
    moments = [dataset.gewijzigd for dataset in catalogus.datasets if dataset.gewijzigd]
    subject = URIRef(adressen.deel("catalogus"))
    _describe(graph, subject, DCAT.Catalog, [
        (DCTERMS.title, _text("Catalogus van Buurtsignaal")),
        (DCTERMS.description, _text(CATALOGUS_TEKST)),
        (DCTERMS.identifier, Literal(str(subject))),
        *_responsible(uitgave),
        (DCTERMS.language, _value(graph, TAAL, DCTERMS.LinguisticSystem)),
        (DCTERMS.license, _license(graph, uitgave.licentie) if uitgave.licentie else None),
        (DCTERMS.modified, Literal(max(moments)) if moments else None),
        (FOAF.homepage, _node(graph, adressen.uitleg, FOAF.Document)),
        (DCAT.themeTaxonomy, _scheme(graph, THEMALIJST)),
        (DCAT.service, URIRef(adressen.deel("dienst"))),
        *((DCAT.dataset, _dataset_uri(dataset, uitgave)) for dataset in catalogus.datasets),
        *((DCTERMS.spatial, place) for place in _gemeenten(graph, catalogus.datasets)),
    ])  # fmt: skip


def _add_dienst(graph: Graph, catalogus: Catalogus) -> None:
    uitgave = catalogus.uitgave
    adressen = uitgave.adressen
    themes: set[Enum] = {dataset.collectie.toelichting.thema for dataset in catalogus.datasets} or {Thema.SAMENLEVING}
    subject = URIRef(adressen.deel("dienst"))
    _describe(graph, subject, DCAT.DataService, [
        (DCTERMS.title, _text("Buurtsignaal API")),
        (DCTERMS.description, _text(DIENST_TEKST)),
        (DCTERMS.identifier, Literal(str(subject))),
        *_responsible(uitgave),
        (DCTERMS.accessRights, _concept(graph, Toegang.OPENBAAR, DCTERMS.RightsStatement)),
        (DCTERMS.license, _license(graph, gezamenlijke_licentie(catalogus.datasets, uitgave))),
        (DCTERMS.language, _value(graph, TAAL, DCTERMS.LinguisticSystem)),
        (DCAT.endpointURL, URIRef(adressen.api)),
        (DCAT.endpointDescription, URIRef(adressen.openapi)),
        (FOAF.page, _node(graph, adressen.uitleg, FOAF.Document)),
        *((DCTERMS.conformsTo, _node(graph, uri, DCTERMS.Standard)) for uri in uitgave.conformiteit),
        *((DCAT.keyword, _text(word)) for word in ("buurten", "leefbaarheid", "API")),
        *((DCAT.theme, _concept(graph, theme, SKOS.Concept)) for theme in themes),
        *((DCAT.servesDataset, _dataset_uri(dataset, uitgave)) for dataset in catalogus.datasets),
    ])  # fmt: skip


def _add_dataset(graph: Graph, dataset: Dataset, uitgave: Uitgave) -> None:
    collectie, uitleg = dataset.collectie, dataset.collectie.toelichting
    subject = _dataset_uri(dataset, uitgave)
    page = _node(graph, uitgave.adressen.metadata(collectie.id, dataset.gemeente_code), FOAF.Document)
    _describe(graph, subject, DCAT.Dataset, [
        (DCTERMS.title, _text(dataset.titel)),
        (DCTERMS.description, _text(f"{collectie.beschrijving}\n\n{uitleg.definitie}")),
        (DCTERMS.identifier, Literal(str(subject))),
        *_responsible(uitgave),
        (DCTERMS.accessRights, _concept(graph, collectie.toegang, DCTERMS.RightsStatement)),
        (DCTERMS.language, _value(graph, TAAL, DCTERMS.LinguisticSystem)),
        (DCTERMS.accrualPeriodicity, _concept(graph, uitleg.frequentie, DCTERMS.Frequency)),
        (DCTERMS.modified, Literal(dataset.gewijzigd) if dataset.gewijzigd else None),
        (DCAT.version, Literal(dataset.versie) if dataset.versie else None),
        (DCTERMS.temporal, _period(graph, dataset.looptijd)),
        (DCTERMS.spatial, _box(graph, dataset.bbox)),
        (DCAT.theme, _concept(graph, uitleg.thema, SKOS.Concept)),
        (DCAT.landingPage, page),
        (FOAF.page, page),
        *((DCTERMS.spatial, place) for place in _gemeenten(graph, [dataset])),
        *((DCAT.keyword, _text(word)) for word in (*uitleg.trefwoorden, dataset.gemeente_naam)),
        *((DCTERMS.provenance, _statement(graph, bron_tekst(bron), DCTERMS.ProvenanceStatement))
          for bron in dataset.bronnen),
        *((PROV.qualifiedAttribution, _holder(graph, bron)) for bron in dataset.bronnen if bron.houder),
        *((DCATAP.applicableLegislation, _node(graph, bron.wet, ELI.LegalResource))
          for bron in dataset.bronnen if bron.wet),
        *((DQV.hasQualityAnnotation, _annotation(graph, text)) for text in _warnings(dataset)),
        *((DCAT.distribution, _distribution(graph, dataset, uitgave, formaat)) for formaat in uitgave.formaten),
    ])  # fmt: skip


def _distribution(graph: Graph, dataset: Dataset, uitgave: Uitgave, formaat: Formaat) -> URIRef:
    adressen, key = uitgave.adressen, (dataset.collectie.id, dataset.gemeente_code, formaat.code)
    address = URIRef(adressen.items(*key))
    return _describe(graph, URIRef(adressen.distributie(*key)), DCAT.Distribution, [
        (DCTERMS.title, _text(f"{dataset.titel} als {formaat.titel}")),
        (DCTERMS.description, _text(f"Alle objecten die u mag zien, in het formaat {formaat.titel}.")),
        (DCAT.accessURL, address),
        (DCAT.downloadURL, address),
        (DCAT.accessService, URIRef(adressen.deel("dienst"))),
        (DCAT.mediaType, _node(graph, IANA + formaat.mediatype, DCTERMS.MediaType)),
        (DCTERMS.format, _format(graph, formaat)),
        (DCTERMS.language, _value(graph, TAAL, DCTERMS.LinguisticSystem)),
        (DCTERMS.license, _license(graph, licentie_van(dataset, uitgave))),
        (DCTERMS.rights, _statement(graph, rechten_tekst(dataset, uitgave), DCTERMS.RightsStatement)),
        (DCTERMS.modified, Literal(dataset.gewijzigd) if dataset.gewijzigd else None),
        (DCTERMS.conformsTo, _node(graph, formaat.standaard, DCTERMS.Standard) if formaat.standaard else None),
    ])  # fmt: skip


def _add_uitgever(graph: Graph, uitgave: Uitgave) -> None:
    """The publisher as an agent, and how to reach it: by e-mail, else through the page with explanations."""
    uitgever = uitgave.uitgever
    _describe(graph, _agent_uri(uitgave), FOAF.Agent, [
        (FOAF.name, _text(uitgever.naam)),
        (DCTERMS.type, _value(graph, LOKALE_OVERHEID, SKOS.Concept) if is_gemeente_uri(uitgever.uri) else None),
    ])  # fmt: skip
    contact = _describe(graph, URIRef(uitgave.adressen.deel("contact")), VCARD.Kind, _reachable(uitgever, uitgave))
    graph.add((contact, RDF.type, VCARD.Organization))


def _reachable(uitgever: Organisatie, uitgave: Uitgave) -> Properties:
    mail = URIRef(f"mailto:{uitgever.email}") if uitgever.email else None
    return [
        (VCARD.fn, _text(uitgever.naam)),
        (VCARD.hasEmail, mail),
        (VCARD.hasURL, URIRef(uitgave.adressen.uitleg)),
    ]


def _responsible(uitgave: Uitgave) -> Properties:
    agent = _agent_uri(uitgave)
    contact = URIRef(uitgave.adressen.deel("contact"))
    return [(DCTERMS.publisher, agent), (DCTERMS.creator, agent), (DCAT.contactPoint, contact)]


def _agent_uri(uitgave: Uitgave) -> URIRef:
    return URIRef(uitgave.uitgever.uri or uitgave.adressen.deel("uitgever"))


def _dataset_uri(dataset: Dataset, uitgave: Uitgave) -> URIRef:
    return URIRef(uitgave.adressen.dataset(dataset.collectie.id, dataset.gemeente_code))


def _warnings(dataset: Dataset) -> list[str]:
    breaks = [breuk_tekst(bron, breuk) for bron in dataset.bronnen for breuk in bron.trendbreuken]
    return [opmerking.zin for opmerking in kwaliteit(dataset)] + breaks


def _gemeenten(graph: Graph, datasets: Iterable[Dataset]) -> list[Node]:
    names = {dataset.gemeente_code: dataset.gemeente_naam for dataset in datasets}
    return [
        _describe(graph, URIRef(gemeente_uri(code)), DCTERMS.Location, [(SKOS.prefLabel, _text(name))])
        for code, name in names.items()
    ]


def _box(graph: Graph, bbox: Bbox | None) -> Node | None:
    """The bounding box as WKT in lon/lat, which is what a wktLiteral without a CRS means."""
    if bbox is None:
        return None
    west, south, east, north = bbox
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    wkt = Literal(f"POLYGON(({ring}))", datatype=GEO.wktLiteral)
    return _describe(graph, BNode(), DCTERMS.Location, [(DCAT.bbox, wkt)])


def _period(graph: Graph, looptijd: Looptijd | None) -> Node | None:
    if looptijd is None:
        return None
    end = Literal(looptijd.tot) if looptijd.tot else None
    return _describe(
        graph, BNode(), DCTERMS.PeriodOfTime, [(DCAT.startDate, Literal(looptijd.van)), (DCAT.endDate, end)]
    )


def _holder(graph: Graph, bron: Bron) -> Node:
    agent = _describe(graph, BNode(), FOAF.Agent, [(FOAF.name, _text(bron.houder or ""))])
    return _describe(graph, BNode(), PROV.Attribution, [(PROV.agent, agent), (DCAT.hadRole, CUSTODIAN)])


def _annotation(graph: Graph, text: str) -> Node:
    body = BNode()
    graph.add((body, RDF.value, _text(text)))
    return _describe(
        graph, BNode(), DQV.QualityAnnotation, [(OA.hasBody, body), (OA.motivatedBy, DQV.qualityAssessment)]
    )


def _statement(graph: Graph, text: str, klasse: URIRef) -> Node:
    return _describe(graph, BNode(), klasse, [(RDFS.label, _text(text))])


def _license(graph: Graph, licentie: Licentie) -> Node:
    return _concept(graph, licentie, DCTERMS.LicenseDocument)


def _format(graph: Graph, formaat: Formaat) -> Node | None:
    if formaat.bestandstype is None:
        return None
    return _value(graph, Waarde(f"{EU}file-type/{formaat.bestandstype}", formaat.titel), DCTERMS.MediaTypeOrExtent)


def _scheme(graph: Graph, waarde: Waarde) -> Node:
    return _describe(graph, URIRef(waarde.uri), SKOS.ConceptScheme, [(DCTERMS.title, _text(waarde.label))])


def _concept(graph: Graph, member: Enum, klasse: URIRef) -> Node:
    return _value(graph, member.value, klasse)


def _value(graph: Graph, waarde: Waarde, klasse: URIRef) -> Node:
    same = URIRef(waarde.elders) if waarde.elders else None
    return _describe(
        graph, URIRef(waarde.uri), klasse, [(SKOS.prefLabel, _text(waarde.label)), (SKOS.exactMatch, same)]
    )


def _node(graph: Graph, uri: str, klasse: URIRef) -> Node:
    return _describe(graph, URIRef(uri), klasse, [])


def _describe(graph: Graph, subject: Subject, klasse: URIRef, properties: Properties) -> Subject:
    """Add a thing with its properties; what is None is left out."""
    graph.add((subject, RDF.type, klasse))
    for predicate, value in properties:
        if value is not None:
            graph.add((subject, predicate, value))
    return subject


def _text(text: str) -> Literal:
    return Literal(_UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")), lang="nl")
