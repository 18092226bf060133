"""Ctrl+C holds, also when it comes where Python drops what is raised."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from geo_service.db.connection import privileged_connection
from geo_service.onderbreking import stop_if_interrupted, watch_interrupts
from tests.geo_service.support import value


@pytest.fixture
def watched() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    watch_interrupts()
    yield
    watch_interrupts()
    signal.signal(signal.SIGINT, before)


class Swallowing:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def make_half(url: str) -> None:
    with privileged_connection(url) as connection:
        connection.execute("create table publiek.half (x int)")
        Swallowing()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_swallowed_interrupt_stores_nothing(url: str, watched: None) -> None:
    with pytest.raises(KeyboardInterrupt):
        make_half(url)
    assert value(url, "select to_regclass('publiek.half') is null") is True


def test_who_has_it_ignored_is_not_stopped(watched: None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    watch_interrupts()
    signal.raise_signal(signal.SIGINT)
    stop_if_interrupted()


def test_without_an_interrupt_nothing_stops(url: str, watched: None) -> None:
    stop_if_interrupted()
    with privileged_connection(url) as connection:
        connection.execute("create table publiek.heel (x int)")
    assert value(url, "select to_regclass('publiek.heel') is null") is False
