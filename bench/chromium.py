"""The browser that benches and tests look through."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Playwright

from bench.harness import BenchError

# The shell without a window is the same engine at two thirds of the work.
BROWSERS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))


def launch_chromium(playwright: Playwright, *arguments: str) -> Browser:
    """The first of BROWSERS that is installed; BenchError without any."""
    found = next((path for path in BROWSERS if path.exists()), None)
    if found is None:
        raise BenchError("Chromium ontbreekt: apt-get install chromium-headless-shell")
    return playwright.chromium.launch(
        executable_path=str(found), args=["--no-sandbox", "--disable-dev-shm-usage", *arguments]
    )
