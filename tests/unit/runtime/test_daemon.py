"""The log of a service, and its signals."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import warnings
from collections.abc import Iterator

import pytest
import structlog

from edi_engine.runtime.daemon import configure_log, until_told


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = handlers, level


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def broken(what: str) -> KeyError:
    try:
        {}[what]
    except KeyError as error:
        return error
    raise AssertionError


@pytest.mark.fault("S3")
def test_each_thing_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log()
    structlog.get_logger().info("file stored", file="a\r\nb\x1b[31m", partner="Küche")
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["file"], line["partner"]) == (
        "file stored",
        "info",
        "a\r\nb\x1b[31m",
        "Küche",
    )
    assert str(line["timestamp"]).endswith("Z")


def test_an_error_with_its_trace_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log()
    structlog.get_logger().error("drain failed", exc_info=broken("x\ny"))
    (line,) = lines(capsys)
    assert "Traceback" in str(line["exception"])


def test_what_libraries_say_is_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log()
    logging.getLogger("paramiko.transport").error("Exception (client): %s", "banner\nline")
    logging.getLogger("alembic").info("not worth a line")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    told = lines(capsys)
    assert [(line["source"], line["level"]) for line in told] == [
        ("paramiko.transport", "error"),
        ("py.warnings", "warning"),
    ]
    assert told[0]["event"] == "Exception (client): banner\nline"


def test_quiet_leaves_only_errors(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log(quiet=True)
    log = structlog.get_logger()
    log.info("started")
    log.warning("odd")
    log.error("broken")
    assert [line["event"] for line in lines(capsys)] == ["broken"]


def test_a_person_at_a_terminal_gets_plain_lines_and_no_complaint(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log(json_lines=False)
    structlog.get_logger().error("drain failed", exc_info=broken("x"))
    said = capsys.readouterr().err
    assert "drain failed" in said
    assert "KeyError" in said
    assert "Remove" not in said


@pytest.mark.fault("H14")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_for_an_end(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    asked: list[str] = []
    with until_told(lambda: asked.append("stop")) as signalled:
        assert signalled() == ""
        os.kill(os.getpid(), number)
        assert asked == ["stop"]
        assert signalled() == number.name
    assert signal.getsignal(number) is before


def test_a_second_ctrl_c_ends_it_at_once() -> None:
    with until_told(lambda: None):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    found: list[object] = []

    def inside() -> None:
        with until_told(lambda: None) as signalled:
            found.extend([signal.getsignal(signal.SIGTERM), signalled()])

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert found == [before, ""]
