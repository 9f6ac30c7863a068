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


def configure_log(*, json_lines: bool | None = None, quiet: bool = False) -> None:
    """Log to stderr: one JSON object a line, or plain lines for a person when stderr is a terminal.

    What libraries log and warn of goes the same way, so that every line can be read by a program. `quiet` leaves only
    errors.
    """
    lines = not sys.stderr.isatty() if json_lines is None else json_lines
    exceptions: list[Any] = [structlog.processors.format_exc_info] if lines else []
    # A plain trace: the usual one shows the values of all variables, keys among them, and takes seconds to write.
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = structlog.processors.JSONRenderer() if lines else plain
    level = logging.ERROR if quiet else logging.INFO
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *exceptions,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(capture=True)
    logging.basicConfig(handlers=[_Forward()], level=max(level, logging.WARNING), force=True)


class _Forward(logging.Handler):
    """Writes what libraries say through the standard library's log as lines of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; what the log itself cannot write is given to Python's own last resort."""
        try:
            structlog.get_logger().log(
                record.levelno, record.getMessage(), source=record.name, exc_info=record.exc_info or None
            )
        except Exception:  # noqa: BLE001 (a log must never break what it tells of)
            self.handleError(record)


@contextmanager
def until_told(stop: Callable[[], None]) -> Iterator[Callable[[], str]]:
    """Call `stop` on SIGTERM and SIGINT while the block runs; a second SIGINT ends it at once (KeyboardInterrupt).

    `stop` is called in the middle of anything, so it may take no lock and write nothing. Gives what tells the name of
    the signal that came, "" before that. Signals reach only the main thread; in others nothing is changed.
    """
    came: list[str] = []

    def answer(number: int, frame: FrameType | None) -> None:
        if came and number == signal.SIGINT:
            signal.default_int_handler(number, frame)
        came.append(signal.Signals(number).name)
        stop()

    if threading.current_thread() is not threading.main_thread():
        yield lambda: ""
        return
    before = {number: signal.signal(number, answer) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: came[0] if came else ""
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
