"""The map as a fragment for a page of the service, or as one file that opens without a server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from branca.element import Figure
from folium.map import Layer, LayerControl
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from maps import assets as files
from maps.beeld import Beeld
from maps.folium_kaart import BuurtKaart
from maps.hotspots import make_groepen
from maps.lagen import PLEKKEN, Tekening, build_map, build_places
from maps.legenda import render_legend
from maps.model import HOTSPOTS, LAGEN, KaartModel, Plekkenkaart
from maps.sjabloon import fill
from maps.stijl import ONDERDRUKT_PATROON, verloop_lijnen
from maps.tabel import render_table
from maps.teksten import describe
from maps.themas import make_beeld


@dataclass(frozen=True, slots=True)
class Fragment:
    """Three parts for the head, the place of the map, and the end of the body; all safe HTML."""

    head: Markup
    body: Markup
    script: Markup


def render_fragment(model: KaartModel, *, nonce: str | None = None, assets: str = "/statisch") -> Fragment:
    """The map for a page that serves `maps/static` below `assets`.

    nonce: put on every script element; no element carries a style attribute or event handler.
    Without anything to draw the body says so and there is no map script.
    """
    return _fragment(model, make_beeld(model), nonce, assets)


def _fragment(model: KaartModel, beeld: Beeld, nonce: str | None, assets: str) -> Fragment:
    body, code = _map_parts(model, beeld)
    script = files.script_tags(assets, nonce)
    if code:
        script += Markup("\n<script{}>{}</script>").format(files.nonce_attribute(nonce), Markup(code))  # noqa: S704
    return Fragment(files.style_links(assets), body, script)


def page_context(model: KaartModel, *, nonce: str | None = None, assets: str = "/statisch") -> dict[str, Any]:
    """Everything `kaart.html` needs from this package.

    kaart: Fragment (head and script; the body is already in kaartdeel); kaartdeel: map, legend and remarks;
    opvalt: what each layer of hotspots tells, "" when none was asked; tabel, herkomst: HTML; omschrijving: the sentence
    that says what is shown; model: the model itself.
    """
    beeld = make_beeld(model)
    fragment = _fragment(model, beeld, nonce, assets)
    return {"kaart": fragment, **_page_parts(model, beeld, fragment.body)}


def _page_parts(model: KaartModel, beeld: Beeld, body: Markup) -> dict[str, Any]:
    legenda = render_legend(model, beeld)
    return {
        "model": model,
        "omschrijving": describe(model),
        "kaartdeel": fill("kaart_met_legenda.html", model=model, kaart=body, legenda=legenda),
        "opvalt": render_opvalt(model),
        "tabel": render_table(model, beeld),
        "herkomst": fill("herkomst.html", model=model),
    }


def render_places(model: Plekkenkaart, *, nonce: str | None = None, assets: str = "/statisch") -> Fragment:
    """A map of places for a page that has their table. Without anything to draw body and script are empty."""
    if not (model.grenzen or model.wijkwijzers["features"] or model.voorzieningen["features"]):
        return Fragment(files.style_links(assets), Markup(""), Markup(""))
    return render_tekening(build_places(model), "plekkenkaart.html", model, nonce=nonce, assets=assets)


def render_tekening(
    tekening: Tekening, sjabloon: str, model: Any, *, nonce: str | None = None, assets: str = "/statisch"
) -> Fragment:
    """A drawn map in a template of ours (context: model, kaart), with every layer switched on."""
    html, code = _render_folium(tekening.kaart)
    layers = [c._id for c in tekening.kaart._children.values() if isinstance(c, Layer)]
    code = _start(tekening, code, layers, ())
    body = fill(sjabloon, model=model, kaart=Markup(html))  # noqa: S704 rendered by folium from fixed names
    script = files.script_tags(assets, nonce)
    script += Markup("\n<script{}>{}</script>").format(files.nonce_attribute(nonce), Markup(code))  # noqa: S704
    return Fragment(files.style_links(assets), body, script)


def render_opvalt(model: KaartModel) -> Markup:
    """A card per result in words and by name, and one sentence for every layer without any."""
    groepen = make_groepen(model)
    return fill("opvalt.html", groepen=groepen, uit=model.lagen_uit) if groepen else Markup("")


def render_document(model: KaartModel, *, table: bool = True) -> str:
    """One HTML file with everything inside; its own policy forbids every request but the base map's."""
    beeld = make_beeld(model)
    body, code = _map_parts(model, beeld)
    style, script = files.inline_css(), files.inline_js() + "\n;\n" + code
    tiles = f" {model.base_map.origin}" if model.base_map else ""
    policy = (
        f"default-src 'none'; img-src data:{tiles}; font-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src {files.content_hash(style)}; script-src {files.content_hash(script)}"
    )
    page = fill(
        "document.html",
        policy=policy,
        **_page_parts(model, beeld, body) | ({} if table else {"tabel": Markup("")}),
        style=Markup(style),  # noqa: S704 our own files
        script=Markup(script),  # noqa: S704 our own files and escaped data
    )
    return str(page) + "\n"


def _map_parts(model: KaartModel, beeld: Beeld) -> tuple[Markup, str]:
    """Body HTML and the script text without its tags ("" when there is nothing to draw)."""
    if not beeld.cijfers:
        return fill("leeg.html"), ""
    html, code = "", ""
    if any(c.getekend for c in beeld.cijfers):
        tekening = build_map(model, beeld)
        html, code = _render_folium(tekening.kaart)
        code = _start(tekening, code, LAGEN, model.lagen_uit)
    body = fill(
        "kaartvak.html",
        model=model,
        omschrijving=describe(model),
        onderdrukt=ONDERDRUKT_PATROON,
        patronen=beeld.patronen,
        verloop=verloop_lijnen(),
        kaart=Markup(html),  # noqa: S704 rendered by folium from escaped names
    )
    return body, code


def _render_folium(kaart: BuurtKaart) -> tuple[str, str]:
    """Body and script of a map. Raises RuntimeError when an element asks for files in the head."""
    figure = cast(Figure, kaart.get_root())
    figure.render()
    extra = [name for name in figure.header._children if name != "meta_http"]
    if extra:
        raise RuntimeError(f"folium vraagt om bestanden van buiten: {extra}")
    return figure.html.render(), figure.script.render()


def _start(tekening: Tekening, code: str, alle: Iterable[str], uit: Iterable[str]) -> str:
    """Wrap folium's script, so that nothing leaks into the page; hand texts and map to our own script."""
    children = tekening.kaart._children.values()
    layers = ", ".join(f"{c._id}: {c.get_name()}" for c in children if isinstance(c, Layer))
    # Characters that could end a script element are escaped: the texts come from the sources.
    texts = htmlsafe_json_dumps(tekening.teksten, ensure_ascii=False, separators=(",", ":"))
    told = {"alle": tuple(alle), "uit": sorted(uit), "hotspots": HOTSPOTS, "plekken": PLEKKEN}
    names = htmlsafe_json_dumps(told)
    control = next(c.get_name() for c in tekening.kaart._children.values() if isinstance(c, LayerControl))
    start = f"Buurtsignaal.start({tekening.kaart.get_name()}, {{{layers}}}, {names}, {control});"
    return f"(function () {{\nBuurtsignaal.onthoud({texts});\n{code}\n{start}\n}})();"
