"""Secrets come from the environment or a file, and are never told."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import pytest

from geo_service.beveiliging.geheimen import is_secret
from geo_service.errors import Refused
from geo_service.settings import Settings, get_settings
from tests.geo_service.support import call_cli, settings

VALUE = "een-heel-geheim-van-meer-dan-tweeendertig-tekens"
URL = f"postgresql://anna:{VALUE}@127.0.0.1:1/nergens"
SECRETS = sorted(name for name, field in Settings.model_fields.items() if is_secret(field))


def test_all_secrets_are_known_as_such():
    assert {"database_url", "geheim", "rol_wachtwoord"} <= set(SECRETS)
    words = ("geheim", "wachtwoord", "_url")
    suspicious = [name for name in Settings.model_fields if any(word in name for word in words)]
    assert [name for name in suspicious if name not in SECRETS] == ["achtergrondkaart_url"]


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_stand_in_a_file(tmp_path: Path, name: str):
    path = tmp_path / "geheim"
    path.write_text(f"{VALUE}\n", encoding="utf-8")
    with settings(**{name: None, f"{name}_bestand": path}):
        found = getattr(get_settings(), name)
        assert getattr(found, "get_secret_value", lambda: found)() == VALUE
        assert VALUE not in repr(get_settings()) + str(get_settings())
        assert VALUE not in get_settings().fingerprint


def test_the_variable_goes_before_the_file(tmp_path: Path):
    path = tmp_path / "geheim"
    path.write_text("uit-het-bestand-en-lang-genoeg-om-te-mogen", encoding="utf-8")
    with settings(geheim=VALUE, geheim_bestand=path):
        found = get_settings().geheim
        assert found
        assert found.get_secret_value() == VALUE


def test_what_is_no_secret_is_not_read_from_a_file(tmp_path: Path):
    path = tmp_path / "drempel"
    path.write_text("3", encoding="utf-8")
    with settings(drempel_publiek_bestand=path):
        assert get_settings().drempel_publiek == 10


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe\xff", b"x" * 20_000])
def test_a_file_that_is_no_secret_is_refused_without_telling(tmp_path: Path, content: bytes | None):
    path = tmp_path / "geheim"
    if content is not None:
        path.write_bytes(content)
    with (
        settings(geheim=None, geheim_bestand=path),
        pytest.raises(Refused, match="BUURTSIGNAAL_GEHEIM_BESTAND") as told,
    ):
        get_settings()
    assert "xxxx" not in str(told.value)


@pytest.mark.parametrize("args", [("db", "status"), ("db", "migrate"), ("serve",), ("verantwoording", "map")])
def test_a_command_that_fails_tells_no_password(args: tuple[str, ...]):
    done = call_cli(*args, url=URL)
    assert done.returncode != 0
    assert VALUE not in done.stdout + done.stderr


def test_a_wrong_setting_is_told_by_name_and_not_by_value():
    with settings(contact_email=VALUE), pytest.raises(Refused, match="BUURTSIGNAAL_CONTACT_EMAIL") as told:
        get_settings()
    assert VALUE not in "".join(traceback.format_exception(told.value))
    assert VALUE not in os.environ.get("BUURTSIGNAAL_CONTACT_EMAIL", "")


def test_health_tells_no_secret(demo):
    answer = demo.client.get("/gezond")
    assert answer.json() == {"status": "gezond"}
