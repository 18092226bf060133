"""Fill the generated parts of the handbook from the code: commands, settings, collections, columns and codes.

python .ci/opdrachten.py writes them. A test fails when they are not up to date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer.main

from data.codelists import load_categorieen
from geo_service.api import vraag
from geo_service.cli import app
from geo_service.domain.hotspots import METHODEN
from geo_service.jobs.analyse.parameters import STANDAARD, describe_parameters
from geo_service.release.collecties import COLLECTIES
from geo_service.settings import Settings
from ingest import bezoeken, interventies, meldingen_table, tellingen, voorzieningen, wijkwijzers
from ingest.checks import REASONS

HANDBOOK = Path(__file__).resolve().parent.parent / "docs" / "handleiding"
PROGRAM = "buurtsignaal"
COLUMNS = {
    "meldingen": meldingen_table.ALIASES,
    "tellingen per gebied": tellingen.ALIASES,
    "wijkwijzers": wijkwijzers.ALIASES,
    "bezoeken": bezoeken.ALIASES,
    "voorzieningen": voorzieningen.ALIASES,
    "interventies": interventies.ALIASES,
}


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that can be typed, with its full name, in the order of the help."""
    yield from _walk(PROGRAM, typer.main.get_command(app))


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for sub, child in command.commands.items():
        yield from _walk(f"{name} {sub}", child)


def env_name(setting: str) -> str:
    return f"{Settings.model_config.get('env_prefix')}{setting}".upper()


def shared_parameters() -> set[str]:
    """Parameters that every collection takes."""
    taken = [
        {parameter.naam for parameter in vraag.items_parameters(item, ("json",))}
        - {veld.naam for veld in item.filterbaar}
        - item.parameters
        for item in COLLECTIES.values()
    ]
    return set.intersection(*taken)


def render_commands() -> str:
    return "\n\n".join(_command(name, command) for name, command in commands())


def _command(name: str, command: Any) -> str:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option"]
    usage = " ".join([name, *(_placeholder(param) for param in arguments), *(["[OPTIES]"] if options else [])])
    rows = [(f"`{_placeholder(param)}`", param.help or "", "verplicht") for param in arguments]
    rows += [(f"`{', '.join(param.opts)}`", param.help or "", _default(param)) for param in options]
    parts = [f"### {name}", command.help or "", f"```\n{usage}\n```"]
    return "\n\n".join([*parts, *([table(("wat", "uitleg", "standaard"), rows)] if rows else [])])


def _placeholder(param: Any) -> str:
    return str(param.metavar or param.name.upper())


def _default(param: Any) -> str:
    if param.required:
        return "verplicht"
    if param.is_flag:
        return "aan" if param.default else "uit"
    return "" if param.default is None else f"`{param.default}`"


def render_settings() -> str:
    rows = [
        (f"`{env_name(name)}`", field.description or "", _setting_default(field.get_default(call_default_factory=True)))
        for name, field in Settings.model_fields.items()
    ]
    return table(("omgevingsvariabele", "uitleg", "standaard"), rows)


def _setting_default(value: object) -> str:
    if value is None or value == {}:
        return "leeg"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def render_methods() -> str:
    return "\n\n".join(f"### {methode}\n\n{_parameters(methode)}" for methode in METHODEN)


def _parameters(methode: str) -> str:
    defaults = vars(STANDAARD[methode])
    rows = [
        (f"`{name}`", text, "vanzelf" if defaults[name] is None else f"`{defaults[name]}`")
        for name, text in describe_parameters(methode).items()
    ]
    return table(("instelling", "uitleg", "standaard"), rows)


def render_collections() -> str:
    def own(names: Iterable[str]) -> str:
        return ", ".join(f"`{name}`" for name in sorted(names)) or "–"

    rows = [(f"`{item.id}`", item.beschrijving, own(item.parameters)) for item in COLLECTIES.values()]
    shared = ", ".join(f"`{name}`" for name in sorted(shared_parameters()))
    return f"{table(('collectie', 'inhoud', 'eigen parameters'), rows)}\n\nOveral bruikbaar: {shared}."


def render_columns() -> str:
    return "\n\n".join(f"#### {layer}\n\n{_aliases(aliases)}" for layer, aliases in COLUMNS.items())


def _aliases(aliases: Mapping[str, Sequence[str]]) -> str:
    rows = [(f"`{role}`", ", ".join(f"`{name}`" for name in names)) for role, names in aliases.items()]
    return table(("kolom", "herkende namen"), rows)


def render_reasons() -> str:
    return table(("code", "wat de regel mankeert"), [(f"`{code}`", text) for code, text in REASONS.items()])


def render_categorieen() -> str:
    rows = [(f"`{row.code}`", row.naam, row.toelichting) for row in load_categorieen() if not row.is_head]
    return table(("code", "naam", "toelichting"), rows)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; texts may hold any sign."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return "\n".join([line(header), "|" + "---|" * len(header), *map(line, rows)])


BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "opdrachten.md": {"opdrachten": render_commands},
    "instellingen.md": {"instellingen": render_settings},
    "api.md": {"collecties": render_collections},
    "rekenen.md": {"methoden": render_methods},
    "kolommen.md": {"kolommen": render_columns, "afkeur": render_reasons, "categorieen": render_categorieen},
}


def render_page(name: str, text: str) -> str:
    """The page with its generated blocks renewed. ValueError when a pair of markers is missing."""
    for block, render in BLOCKS[name].items():
        begin, end = f"<!-- begin {block} -->", f"<!-- einde {block} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"{name}: the markers of block {block} are missing or double")
        fresh = f"{begin}\n\n{render()}\n\n{end}"
        text = pattern.sub(lambda _, fresh=fresh: fresh, text)
    return text


def main() -> None:
    for name in BLOCKS:
        path = HANDBOOK / name
        path.write_text(render_page(name, path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
