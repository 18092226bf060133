"""The graph as others read it: valid addresses, Dutch texts, and the same again after Turtle and JSON-LD."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, FOAF, PROV, RDF, RDFS, SKOS

from geo_service.catalogus.adressen import Adressen, gemeente_uri
from geo_service.catalogus.dcat import DCAT, DCATAP, DQV, ELI, GEO, OA, VCARD, make_graph, to_jsonld, to_turtle
from geo_service.catalogus.model import Bron, Catalogus, Organisatie
from geo_service.catalogus.waarden import FORMATEN, Frequentie, Licentie, Thema, Toegang
from tests.geo_service.catalogus.voorbeeld import BASIS, CATALOGUS, DATASET, UITGAVE, WET, with_bronnen, with_licence

FIGURES = URIRef(f"{BASIS}/v1/collections/meldingen-per-gebied/metadata?gemeente=GM0999#dataset")
ADDRESS = re.compile(r"(https?://[^\s/]+/\S*|mailto:\S+@\S+)")
TEXTS = (
    DCTERMS.title, DCTERMS.description, DCAT.keyword, SKOS.prefLabel, RDFS.label, RDF.value, FOAF.name, VCARD.fn,
)  # fmt: skip
NASTY = [
    '"""',
    "\\",
    "\\u0041",
    "a\nb\r\nc\rd",
    "' \" '''",
    "@nl",
    "^^<x>",
    "<script>",
    "été 🏘",
    "\u202eomgekeerd",
    "\x00\x1f\ud800",
]


def read_back(text: str, format: str) -> Graph:
    """The triples of a file. Reading JSON-LD makes the library warn of what it does itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)
        return Graph().parse(data=text, format=format)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return make_graph(CATALOGUS)


@pytest.mark.parametrize(("write", "format"), [(to_turtle, "turtle"), (to_jsonld, "json-ld")])
def test_the_file_says_the_same_as_the_graph(graph, write, format):
    assert isomorphic(read_back(write(graph), format), graph)


def test_the_same_catalogue_gives_the_same_graph():
    assert isomorphic(make_graph(CATALOGUS), make_graph(CATALOGUS))


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize(("write", "format"), [(to_turtle, "turtle"), (to_jsonld, "json-ld")])
def test_odd_texts_survive(text, write, format):
    made = make_graph(Catalogus(UITGAVE, (with_bronnen(Bron(f"x{text}", houder=f"h{text}", definitie=text)),)))
    written = write(made)
    assert written.encode("utf-8")
    assert isomorphic(read_back(written, format), made)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\"quotes\" en 'enkele'", "\"quotes\" en 'enkele'"),
        ("terug\\schuin", "terug\\schuin"),
        ("regel\r\nregel\rregel", "regel\nregel\nregel"),
        ("🏘 été", "🏘 été"),
        ("niet\x00te\ud800schrijven", "niette" + "schrijven"),
    ],
)
def test_a_text_is_written_as_it_is_but_for_what_no_file_can_hold(text, written):
    made = make_graph(Catalogus(UITGAVE, (with_bronnen(Bron("x", houder=text)),)))
    names = {str(made.value(agent, FOAF.name)) for agent in made.objects(None, PROV.agent)}
    assert names == {written}


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1), st.text(), st.text(max_size=20))
def test_any_text_survives(naam, definitie, grondslag):
    """Whatever somebody writes in bronnen.toml."""
    bron = Bron(naam, houder=definitie, definitie=definitie, grondslag=grondslag)
    made = make_graph(Catalogus(UITGAVE, (with_bronnen(bron),)))
    for write, format in ((to_turtle, "turtle"), (to_jsonld, "json-ld")):
        assert isomorphic(read_back(write(made), format), made)


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_any_identifier_makes_a_valid_address(identifier):
    odd = replace(DATASET, collectie=replace(DATASET.collectie, id=identifier.encode("utf-8", "replace").decode()))
    made = make_graph(Catalogus(UITGAVE, (odd,)))
    assert wrong_addresses(made) == set()


def wrong_addresses(graph: Graph) -> set[str]:
    used = {str(node) for triple in graph for node in triple if isinstance(node, URIRef)}
    return {uri for uri in used if not ADDRESS.fullmatch(uri) or set(uri) & set('<>"{}|\\^`')}


def test_every_address_is_valid(graph):
    assert wrong_addresses(graph) == set()


def test_every_text_is_marked_dutch_and_none_is_empty(graph):
    texts = [value for name in TEXTS for value in graph.objects(None, name)]
    assert len(texts) > 60
    assert {value for value in texts if value.language != "nl" or not value.strip()} == set()


@pytest.mark.parametrize("member", [*Toegang, *Thema, *Frequentie, *Licentie])
def test_values_come_from_a_vocabulary(member):
    known = ("http://publications.europa.eu/resource/authority/", "http://creativecommons.org/",
             "http://standaarden.overheid.nl/owms/terms/")  # fmt: skip
    assert member.value.uri.startswith(known)


def test_the_dataset_tells_where_and_when_in_words_and_in_data(graph):
    (period,) = graph.objects(FIGURES, DCTERMS.temporal)
    assert [str(graph.value(period, name)) for name in (DCAT.startDate, DCAT.endDate)] == ["2023-01-01", "2024-06-30"]
    places = set(graph.objects(FIGURES, DCTERMS.spatial))
    assert URIRef("https://identifier.overheid.nl/tooi/id/gemeente/gm0999") in places
    boxes = [graph.value(place, DCAT.bbox) for place in places if (place, DCAT.bbox, None) in graph]
    assert boxes == [Literal("POLYGON((6.1 52.1, 6.2 52.1, 6.2 52.3, 6.1 52.3, 6.1 52.1))", datatype=GEO.wktLiteral)]


def test_an_open_period_has_no_end():
    going_on = replace(DATASET, looptijd=replace(DATASET.looptijd, tot=None))
    made = make_graph(Catalogus(UITGAVE, (going_on,)))
    assert list(made.objects(None, DCAT.endDate)) == []


def test_a_legal_basis_that_is_a_law_is_linked_and_a_sentence_is_told(graph):
    assert list(graph.objects(FIGURES, DCATAP.applicableLegislation)) == [URIRef(WET)]
    assert (URIRef(WET), RDF.type, ELI.LegalResource) in graph
    told = {str(graph.value(node, RDFS.label)) for node in graph.objects(FIGURES, DCTERMS.provenance)}
    assert {text for text in told if "grondslag: taak van de politie" in text and text.startswith("Bron politie")}


def test_sources_are_told_with_holder_and_what_nobody_told(graph):
    told = sorted(str(graph.value(node, RDFS.label)) for node in graph.objects(FIGURES, DCTERMS.provenance))
    assert told == [
        "Bron meldpunt: houder: Gemeente Dorp; definitie: meldingen van overlast; registratie-eenheid: melding; "
        f"grondslag: {WET}; dekking: de hele gemeente: 1 januari 2023 t/m 31 december 2024 (loopt door).",
        "Bron politie: houder: Politie; definitie: niet opgegeven; registratie-eenheid: misdrijf; "
        "grondslag: taak van de politie; dekking: de hele gemeente: 2 januari 2023 t/m 31 december 2023, afgeleid uit "
        "de gegevens.",
    ]
    holders = {
        str(graph.value(graph.value(node, PROV.agent), FOAF.name))
        for node in graph.objects(FIGURES, PROV.qualifiedAttribution)
    }
    assert holders == {"Gemeente Dorp", "Politie"}


def test_quality_and_trend_breaks_are_annotations(graph):
    notes = {
        str(graph.value(graph.value(node, OA.hasBody), RDF.value))
        for node in graph.objects(FIGURES, DQV.hasQualityAnnotation)
    }
    assert "Trendbreuk bij meldpunt in West op 1 mei 2024: team verhuisd" in notes
    assert "Geen cijfer is geen nul." in notes
    assert len(notes) == 8


def test_formats_outside_the_lists_are_left_out_rather_than_invented(graph):
    flatgeobuf = URIRef(f"{BASIS}/v1/collections/meldingen-per-gebied/metadata?gemeente=GM0999#fgb")
    assert list(graph.objects(flatgeobuf, DCTERMS.format)) == []
    assert [item.code for item in FORMATEN if item.bestandstype is None] == ["fgb"]


def test_access_is_public_or_restricted_as_who_may_see_it(graph):
    found = {
        str(node).split("/collections/")[1].split("/")[0]: str(graph.value(node, DCTERMS.accessRights)).rsplit("/")[-1]
        for node in graph.subjects(RDF.type, DCAT.Dataset)
    }
    assert found == {"meldingen-per-gebied": "PUBLIC", "buurten": "PUBLIC", "meldingen": "RESTRICTED"}


def test_the_publisher_is_called_a_local_authority_only_when_it_is_one():
    def kinds(uri):
        uitgave = replace(UITGAVE, uitgever=Organisatie("Iemand", uri))
        return len(list(make_graph(Catalogus(uitgave)).objects(None, DCTERMS.type)))

    assert (kinds(gemeente_uri("GM0999")), kinds("https://bedrijf.nl/"), kinds(None)) == (1, 0, 0)


@pytest.mark.parametrize("licentie", [Licentie.CC0, Licentie.CC_BY])
def test_a_national_licence_points_to_the_european_one(licentie):
    made = make_graph(replace(CATALOGUS, uitgave=with_licence(licentie), datasets=(with_bronnen(DATASET.bronnen[0]),)))
    assert made.value(URIRef(licentie.value.uri), SKOS.exactMatch) == URIRef(licentie.value.elders)


def test_jsonld_uses_short_names(graph):
    document = json.loads(to_jsonld(graph))
    assert document["@context"]["dcat"] == "http://www.w3.org/ns/dcat#"
    kinds = {item.get("@id"): item.get("@type") for item in document["@graph"]}
    assert kinds[f"{BASIS}/v1/catalogus#catalogus"] == "dcat:Catalog"


@pytest.mark.parametrize(
    "wrong",
    [
        {"naam": "  "},
        {"naam": "x", "uri": "dorp.nl"},
        {"naam": "x", "uri": "https://dorp.nl/a b"},
        {"naam": "x", "uri": "javascript:alert(1)"},
        {"naam": "x", "email": "data@dorp"},
        {"naam": "x", "email": "data@dorp.nl?cc=a@b.nl"},
    ],
)
def test_a_publisher_that_cannot_be_written_down_is_refused(wrong):
    with pytest.raises(ValueError, match=r"uitgever|webadres|e-mailadres"):
        Organisatie(**wrong)


@pytest.mark.parametrize("basis", ["https://dorp.nl", "https://dorp.nl/"])
def test_addresses_do_not_depend_on_a_last_slash(basis):
    assert Adressen(basis).items("buurten", "GM0999", "csv") == (
        "https://dorp.nl/v1/collections/buurten/items?gemeente=GM0999&f=csv"
    )
