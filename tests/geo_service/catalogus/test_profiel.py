"""What DCAT-AP-NL 3.0 makes mandatory is there, of every class, and our shapes notice it when it is not.

The official shapes are in no package; ``profiel.ttl`` says the same in our own words.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDF

from geo_service.catalogus.dcat import DCAT, VCARD, make_graph
from geo_service.catalogus.model import Catalogus, Organisatie
from tests.geo_service.catalogus.voorbeeld import CATALOGUS, DATASET, UITGAVE

MANDATORY = {
    DCAT.Catalog: [DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.contactPoint, DCAT.dataset],
    DCAT.Dataset: [
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.identifier,
        DCTERMS.publisher,
        DCTERMS.creator,
        DCTERMS.accessRights,
        DCAT.contactPoint,
        DCAT.theme,
    ],
    DCAT.Distribution: [DCAT.accessURL, DCTERMS.license],
    DCAT.DataService: [
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.identifier,
        DCTERMS.publisher,
        DCTERMS.accessRights,
        DCTERMS.license,
        DCAT.contactPoint,
        DCAT.theme,
        DCAT.endpointURL,
        DCAT.endpointDescription,
    ],
    FOAF.Agent: [FOAF.name],
    VCARD.Kind: [VCARD.fn],
}
RECOMMENDED = {
    DCAT.Catalog: [DCTERMS.creator, DCTERMS.language, FOAF.homepage, DCTERMS.spatial, DCAT.themeTaxonomy, DCAT.service],
    DCAT.Dataset: [DCTERMS.language, DCAT.landingPage, FOAF.page, DCAT.distribution, DCTERMS.accrualPeriodicity],
    DCAT.Distribution: [DCAT.accessService, DCAT.downloadURL, DCTERMS.language, DCTERMS.conformsTo, DCAT.mediaType],
    DCAT.DataService: [DCTERMS.creator, DCTERMS.language, DCAT.keyword, DCTERMS.conformsTo, DCAT.servesDataset],
}
EXACTLY_ONE = [
    (DCAT.Dataset, DCTERMS.identifier),
    (DCAT.Dataset, DCTERMS.publisher),
    (DCAT.Dataset, DCTERMS.accessRights),
    (DCAT.Dataset, DCAT.contactPoint),
    (DCAT.Distribution, DCAT.accessURL),
    (DCAT.Distribution, DCTERMS.license),
    (DCAT.DataService, DCTERMS.identifier),
    (DCAT.DataService, DCAT.endpointDescription),
    (DCAT.DataService, DCAT.endpointURL),
    (DCAT.Catalog, DCAT.contactPoint),
]


def pairs(table):
    return [
        pytest.param(klasse, name, id=f"{short(klasse)}-{short(name)}") for klasse in table for name in table[klasse]
    ]


def short(uri: URIRef) -> str:
    return str(uri).replace("#", "/").rsplit("/", 1)[-1]


@cache
def graph() -> Graph:
    return make_graph(CATALOGUS)


@cache
def shapes() -> Graph:
    return Graph().parse(Path(__file__).with_name("profiel.ttl"), format="turtle")


def conforms(checked: Graph) -> tuple[bool, str]:
    done, _, text = pyshacl.validate(checked, shacl_graph=shapes(), inference="none")
    return done, text


def test_every_class_is_there_as_often_as_meant():
    counted = {short(klasse): len(set(graph().subjects(RDF.type, klasse))) for klasse in MANDATORY}
    # Agents: the publisher, and the holder of each source of each dataset. Five formats of three datasets.
    assert counted == {"Catalog": 1, "Dataset": 3, "Distribution": 15, "DataService": 1, "Agent": 4, "Kind": 1}


@pytest.mark.parametrize(("klasse", "name"), pairs(MANDATORY))
def test_mandatory(klasse, name):
    subjects = set(graph().subjects(RDF.type, klasse))
    assert {subject for subject in subjects if (subject, name, None) not in graph()} == set()


@pytest.mark.parametrize(("klasse", "name"), pairs(RECOMMENDED))
def test_recommended_and_known(klasse, name):
    subjects = set(graph().subjects(RDF.type, klasse))
    assert {subject for subject in subjects if (subject, name, None) not in graph()} == set()


@pytest.mark.parametrize(("klasse", "name"), EXACTLY_ONE)
def test_at_most_one(klasse, name):
    counts = {len(set(graph().objects(subject, name))) for subject in graph().subjects(RDF.type, klasse)}
    assert counts == {1}


def test_the_example_conforms_to_the_shapes():
    done, text = conforms(graph())
    assert done, text


def test_so_does_the_barest_catalogue():
    nobody = replace(UITGAVE, uitgever=Organisatie("Uitgever niet opgegeven"))
    bare = replace(DATASET, bronnen=(), looptijd=None, bbox=None, gewijzigd=None)
    done, text = conforms(make_graph(Catalogus(nobody, (bare,))))
    assert done, text


@pytest.mark.parametrize(("klasse", "name"), pairs(MANDATORY))
def test_the_shapes_notice_what_is_missing(klasse, name):
    """Otherwise the test above proves nothing."""
    broken = make_graph(CATALOGUS)
    broken.remove((next(broken.subjects(RDF.type, klasse)), name, None))
    assert conforms(broken)[0] is False


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        (DCTERMS.accessRights, "http://publications.europa.eu/resource/authority/access-right/SECRET"),
        (DCAT.theme, "https://voorbeeld.nl/thema"),
        (DCTERMS.accrualPeriodicity, "http://publications.europa.eu/resource/authority/access-right/PUBLIC"),
        (DCTERMS.publisher, "https://voorbeeld.nl/onbekend"),
    ],
)
def test_the_shapes_notice_a_value_of_no_vocabulary(name, wrong):
    broken = make_graph(CATALOGUS)
    broken.set((next(broken.subjects(RDF.type, DCAT.Dataset)), name, URIRef(wrong)))
    assert conforms(broken)[0] is False


def test_a_catalogue_without_datasets_is_no_valid_one():
    """Nothing loaded yet: it can be written, and says nothing that is not so."""
    empty = make_graph(Catalogus(UITGAVE))
    assert conforms(empty)[0] is False
    assert set(empty.subjects(RDF.type, DCAT.Dataset)) == set()
