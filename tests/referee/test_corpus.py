"""Files that others wrote: both find the same in them, or the list of known differences says why not."""

from __future__ import annotations

import re

import pytest

from tests.fixtures.corpus import CORPUS, files
from tests.referee.conftest import Opinion
from tests.referee.differences import explained, rows

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(60)]

ROWS = rows()
STRANGE = re.compile(rb"(ISA(?s:.{81}))(?!00401|00501)[0-9]{5}")
"""An ISA of a version that pyx12 does not read; the sets inside are of other versions anyway."""


@pytest.mark.parametrize("name", files())
def test_every_difference_is_known(name: str, opinion: Opinion) -> None:
    data = STRANGE.sub(rb"\g<1>00401", (CORPUS / name).read_bytes())
    assert [said for said, row in explained(opinion(data), ROWS) if row is None] == []
