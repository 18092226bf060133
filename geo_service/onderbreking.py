"""Ctrl+C that nothing can swallow: noted when it comes, and asked about before anything is stored for good.

Python raises it wherever it happens to be, and code of libraries that may not fail (a callback, a finaliser) drops it.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

_asked = threading.Event()


def watch_interrupts() -> None:
    """Note every Ctrl+C from now on, unless whoever started this has it ignored. Only the main thread can."""
    _asked.clear()
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if threading.current_thread() is threading.main_thread() and not ignored:
        signal.signal(signal.SIGINT, _note)


def stop_if_interrupted() -> None:
    """Raise KeyboardInterrupt when the user has asked to stop."""
    if _asked.is_set():
        raise KeyboardInterrupt


def interruption_handled() -> None:
    """The command has stopped; what is stored from here on is about its end."""
    _asked.clear()


def _note(_: int, __: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt
