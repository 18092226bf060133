"""How long a frame takes while the mouse drags a map: the time between two drawings, the first left out."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from playwright.sync_api import Page

from bench.harness import BenchError

WANTED_MS = 50
_STEPS = 60
WATCH_FRAMES = """() => {
    window.frames = [];
    let last = performance.now();
    const step = (now) => { window.frames.push(now - last); last = now; window.frame = requestAnimationFrame(step); };
    window.frame = requestAnimationFrame(step);
}"""
STOP_WATCHING = "cancelAnimationFrame(window.frame) || window.frames.slice(1)"


def drag_map(page: Page) -> list[float]:
    """Milliseconds of each frame of a drag to and fro over the map."""
    frame = page.locator(".leaflet-container").bounding_box()
    if frame is None:
        raise BenchError("the map is not on the page")
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + min(frame["height"] / 2, 300)
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(WATCH_FRAMES)
    for step in range(_STEPS):
        page.mouse.move(x - 6 * min(step, _STEPS - step), y - 3 * min(step, _STEPS - step))
    page.mouse.up()
    found: list[float] = page.evaluate(STOP_WATCHING)
    return found


def zoom_in(page: Page, steps: int = 2) -> None:
    for _ in range(steps):
        page.get_by_role("button", name="Zoom in", exact=True).click()
        page.wait_for_timeout(300)


def frames_in_words(frames: Sequence[float]) -> str:
    ordered = sorted(frames)
    return (
        f"frame median {statistics.median(ordered):.0f} ms, 95 % within {ordered[len(ordered) * 95 // 100]:.0f} ms, "
        f"longest {ordered[-1]:.0f} ms (wanted {WANTED_MS})"
    )
