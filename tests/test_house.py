"""The house itself: what is in the repository, how it is started, and rules that no linter knows."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from geo_service.db.migrations import HEAD
from geo_service.db.schema import metadata
from tests.conftest import ROOT

MAX_LINES = 450
SOURCE = {".py", ".sql", ".js", ".mjs", ".css", ".html", ".md", ".toml", ".sh"}
VENDORED = ("maps/static/leaflet/", "maps/static/nlds/")
# One part per command, from the code.
GENERATED = "docs/handleiding/opdrachten.md"
# Written so that this file does not match itself.
MACHINE_PATHS = re.compile(
    "|".join(rf"(?<![\w.~-])/{folder}/[\w.]" for folder in ("work", "root", "home", "opt", "Users"))
)
KLASSEN = {"openbaar", "intern", "vertrouwelijk"}


@cache
def tracked_files() -> tuple[Path, ...]:
    """The files of the repository; without git (or a clone) everything that .gitignore does not name."""
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        names = [name for name in done.stdout.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = list(_walk())
    return tuple(ROOT / name for name in sorted(names) if (ROOT / name).is_file())


def _walk() -> list[str]:
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().split() if line.endswith("/")} | {".git"}
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ignored and not name.endswith(".egg-info")]
        found += [str((Path(folder) / name).relative_to(ROOT)) for name in files if not name.endswith(".pyc")]
    return found


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_both_ways_of_listing_files_agree() -> None:
    assert len(tracked_files()) > 150
    assert {ROOT / name for name in _walk()} >= set(tracked_files())


def test_no_path_of_one_machine_in_any_file() -> None:
    found = [
        f"{name_of(path)}: {match.group()}"
        for path in tracked_files()
        for match in MACHINE_PATHS.finditer(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


@pytest.mark.parametrize("text", ["see /" + "work/main", "'/" + "root/.cache'", "file:///" + "opt/wheels"])
def test_a_planted_machine_path_is_found(text: str) -> None:
    assert MACHINE_PATHS.search(text)


def test_locks_name_public_registries_only() -> None:
    uv = set(re.findall(r'"(https?://[^/"]+)', (ROOT / "uv.lock").read_text()))
    assert uv == {"https://pypi.org", "https://files.pythonhosted.org"}
    npm = set(re.findall(r'"resolved": "(https?://[^/"]+)', (ROOT / "package-lock.json").read_text()))
    assert npm <= {"https://registry.npmjs.org"}


def test_no_source_file_is_too_long() -> None:
    long = {
        name_of(path): count
        for path in tracked_files()
        if path.suffix in SOURCE and not name_of(path).startswith((*VENDORED, GENERATED))
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert long == {}


def test_no_file_of_the_test_data_is_copied(testdata: Callable[[str], Path]) -> None:
    folder = testdata("README.md").parent

    def digest(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    real = {digest(path): path.name for path in folder.rglob("*") if path.is_file() and path.stat().st_size}
    assert len(real) > 20
    assert [name_of(path) for path in tracked_files() if digest(path) in real] == []


def test_every_column_has_a_disclosure_class() -> None:
    columns = [column for table in metadata.tables.values() for column in table.columns]
    assert len(columns) > 150
    assert [str(column) for column in columns if column.info.get("klasse") not in KLASSEN] == []


def test_what_anyone_may_read_is_openbaar() -> None:
    schemas = {table.schema for table in metadata.tables.values()}
    assert schemas == {"publiek", "intern"}
    wrong = [
        str(column)
        for table in metadata.tables.values()
        for column in table.columns
        if table.schema == "publiek" and column.info["klasse"] != "openbaar"
    ]
    assert wrong == []


def test_head_is_the_newest_migration() -> None:
    scripts = ScriptDirectory(str(ROOT / "geo_service" / "db" / "migrations"))
    assert scripts.get_heads() == [HEAD]


@pytest.mark.parametrize("target", ["help", "setup", "demo", "test", "check", "proof", "bench"])
def test_make_knows_the_target(target: str) -> None:
    text = (ROOT / "Makefile").read_text()
    assert re.search(rf"^{target}:.* ## \S", text, re.MULTILINE)
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    assert target in phony[1].split()


def test_demo_and_test_do_their_own_setup() -> None:
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    for target, step in (("demo", ".ci/setup"), ("test", ".ci/setup tests"), ("check", ".ci/setup tests")):
        command = ["make", "--no-print-directory", "-n", target]
        done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[0] == step


@pytest.mark.parametrize("name", ["run", "setup", "apt"])
def test_scripts_are_sound_and_executable(name: str) -> None:
    script = ROOT / ".ci" / name
    assert os.access(script, os.X_OK)
    assert "\nset -euo pipefail\n" in script.read_text()
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_setup_refuses_what_it_does_not_know() -> None:
    done = subprocess.run([ROOT / ".ci" / "setup", "onzin"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Gebruik: .ci/setup [tests]\n")


def test_the_licence_is_the_whole_eupl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("# EUROPEAN UNION PUBLIC LICENCE v. 1.2\n")
    assert all(f"\n## {number}. " in text for number in range(1, 16))
    assert "\n## Appendix\n" in text
