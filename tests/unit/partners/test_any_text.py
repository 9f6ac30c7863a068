"""Whatever people save into a partner's folder, the loader says what is wrong; it never breaks."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_engine.errors import ConfigurationError

PATHS = ("partners/acme/partner.yaml", "partners/acme/tables/items.csv", "partners/connections.yaml")
SIGNS = "{}[]:,#&*!|>'\"%@~-\n\t "
WORDS = ("null", "1e999", "\x00", "\ufeff", "...", "- ", "? ", "NaN", "order.total", "855:", "codes", "where", "isa: ")
BLOCKS = ("{rule: hold, when: 1}", "policy: ", "guide: {850: ", "maps: ", "identity: ", "tables: {items: ", "\u0663")
BITS = st.sampled_from([*SIGNS, *WORDS, *BLOCKS])


@pytest.mark.property
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_with_something_cut_out_and_something_put_in(load, files, data):
    path = data.draw(st.sampled_from(PATHS))
    text = files[path]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    put = "".join(data.draw(st.lists(BITS, max_size=4)))
    try:
        load(files | {path: text[:start] + put + text[end:]})
    except ConfigurationError as error:
        assert error.findings
        assert all(finding.where.file and finding.where.line_no and finding.where.column for finding in error.findings)


@pytest.mark.property
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_any_bytes_in_place_of_a_file(load, files, data):
    for path in PATHS:
        try:
            load(files | {path: data})
        except ConfigurationError as error:
            assert error.findings
