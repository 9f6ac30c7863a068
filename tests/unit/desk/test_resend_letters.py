"""Sending again what was written in other letters than ASCII, with line ends as the only ends of segments."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from edi_engine.app.work import open_stored, work_through
from edi_engine.desk.resend import Way, preview, resend
from edi_engine.flow.receive import receive
from edi_engine.resources import shipped
from edi_engine.x12.reader import outline
from tests.fixtures.trading import edit, partner_files
from tests.fixtures.walks import shop

CARTONS = shipped("samples") / "dunlin" / "standard-cartons" / "in.edi"
MAILBOX = "mailhouse-sftp"


@pytest.mark.parametrize("charset", ["latin-1", "cp1252", "utf-8"])
@pytest.mark.parametrize("way", [Way.RENUMBERED, Way.REWRITTEN])
def test_the_text_stays_letter_by_letter(tmp_path: Path, charset: str, way: Way) -> None:
    partner_files(tmp_path)
    edit(tmp_path / "partners" / "dunlin" / "partner.yaml", "charset: latin-1 ", f"charset: {charset} ")
    data = CARTONS.read_bytes().decode("latin-1").replace("à", "“" if charset != "latin-1" else "à").encode(charset)
    with shop(tmp_path, date(2026, 11, 22)) as opened:
        office = opened.place.office()
        receive(office, MAILBOX, b"in.edi", data)
        open_stored(office, MAILBOX)
        while work_through(opened.place, office, "dunlin"):
            pass
        with office.ledger.unit("test") as unit:
            first = unit.documents.one(kind="855")
            assert first is not None
            for state in ("UPLOADING", "UPLOADED", "SENT", "CONFIRMED"):
                first = unit.documents.change(first, state=state, sent_at=office.clock.now())
            sent = unit.blobs.get(first.sha256)
        assert not sent.decode(charset).isascii()
        shown = preview(office, first.id, way)
        assert (shown.findings, shown.before) == ((), shown.after)
        again = resend(office, first.id, way).record
        assert again is not None
        with office.ledger.reading() as unit:
            assert body(unit.blobs.get(again.sha256)) == body(sent)


def body(data: bytes) -> bytes:
    found = outline(data).interchanges[0].groups[0].sets[0]
    return data[found.start : found.end]
