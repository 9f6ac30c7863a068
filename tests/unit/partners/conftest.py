"""A small partner as files, for tests that change one line of it and see what is said."""

from __future__ import annotations

import pytest

from edi_engine.errors import ConfigurationError
from edi_engine.partners.edition import load_edition
from edi_engine.x12.dictionary import Dictionary
from tests.fixtures.standard import DICTIONARY

PARTNER = """\
name: Acme Stores
status: test
connection: acme
identity:
  theirs: {isa: [08/5550001, ZZ/ACME], gs: ACME}
  ours: {isa: 01/5559999, gs: US}
  test: {isa: ZZ/ACMETEST}
envelope:
  version: 004010VICS
maps:
  850: 850-small
tables:
  items: {columns: [theirs, ours, price], on_missing: hold}
"""
ITEMS = """\
theirs,ours,gtin,price,price_unit,case_pack,stock,discontinued
A1,G-1,036000291452,12.40,EA,6,4800,
A2,G-2,,3.85,,24,0,yes
"""
CONNECTIONS = """\
acme:
  sftp: {host: sftp.acme.example, user: us, key: acme, host_key: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
  in: {folder: /out, after: delete}
  out: {folder: /in}
"""
SMALL_MAP = """\
reads: 850 004010
order: {po_number: BEG03, department: REF(DP), type: BEG02}
"""


def standard() -> Dictionary:
    return DICTIONARY


@pytest.fixture
def dictionary() -> Dictionary:
    return standard()


@pytest.fixture
def files() -> dict[str, str]:
    return {
        "partners/acme/partner.yaml": PARTNER,
        "partners/acme/tables/items.csv": ITEMS,
        "partners/connections.yaml": CONNECTIONS,
        "mappings/850-small.yaml": SMALL_MAP,
    }


@pytest.fixture
def load(dictionary):
    """Load files as an edition."""
    return lambda files: load_edition(files, dictionary)


@pytest.fixture
def refused(dictionary):
    """Load files that must be refused; give each problem as (place, code, message)."""

    def told(files: dict[str, str]) -> list[tuple[str, str, str]]:
        with pytest.raises(ConfigurationError) as error:
            load_edition(files, dictionary)
        return [
            (f"{found.where.file}:{found.where.line_no}:{found.where.column}", found.code, found.message)
            for found in error.value.findings
        ]

    return told
