"""Being a service: one JSON line for each thing that happens, an orderly end on SIGTERM and SIGINT."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import structlog

GRACE = 30.0
"""Seconds that running drains get to reach the end of their step after a signal."""


def configure_log(*, json_lines: bool | None = None, quiet: bool = False) -> None:
    """Log to stderr: one JSON object a line, or plain lines for a person when stderr is a terminal.

    `quiet` leaves only errors.
    """
    lines = not sys.stderr.isatty() if json_lines is None else json_lines
    renderer: Any = structlog.processors.JSONRenderer() if lines else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR if quiet else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


@contextmanager
def until_told(stop: Callable[[], None], told: Callable[[str], None]) -> Iterator[None]:
    """Call `stop` on SIGTERM or SIGINT while the block runs. Signals reach only the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def answer(number: int, frame: FrameType | None) -> None:
        del frame
        told(signal.Signals(number).name)
        stop()

    before = {number: signal.signal(number, answer) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
