"""The SARIF log is what the standard's schema asks for, and each result stands at the bytes that it is about."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edi_engine.cli import main
from edi_engine.cli.sarif import LEVELS
from edi_engine.finding import Severity
from edi_engine.resources import shipped

SAMPLES = shipped("samples") / "bluebird"

# Of the schema of SARIF 2.1.0: for each object the properties that it must have, and others that we write. The schema
# allows none but those that it names.
SHAPES: dict[str, tuple[set[str], set[str]]] = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"results", "invocations", "artifacts", "defaultEncoding", "columnKind"}),
    "tool": ({"driver"}, set()),
    "driver": ({"name"}, {"version", "rules"}),
    "rule": ({"id"}, {"shortDescription", "fullDescription", "help", "defaultConfiguration"}),
    "invocation": ({"executionSuccessful"}, {"exitCode"}),
    "artifact": (set(), {"location", "length"}),
    "result": ({"message"}, {"ruleId", "ruleIndex", "level", "locations", "properties", "fixes"}),
    "fix": ({"artifactChanges"}, {"description"}),
    "artifactChange": ({"artifactLocation", "replacements"}, set()),
    "replacement": ({"deletedRegion"}, {"insertedContent"}),
    "location": (set(), {"physicalLocation", "logicalLocations"}),
    "physicalLocation": ({"artifactLocation"}, {"region"}),
    "logicalLocation": (set(), {"name", "fullyQualifiedName", "kind"}),
    "region": (
        set(),
        {"startLine", "startColumn", "charOffset", "charLength", "byteOffset", "byteLength", "snippet"},
    ),
}


def shaped(kind: str, found: dict[str, Any]) -> dict[str, Any]:
    """Hold an object against its shape."""
    needed, allowed = SHAPES[kind]
    assert needed <= found.keys() <= needed | allowed, kind
    return found


def sarif(path: Path, *options: str) -> tuple[dict[str, Any], int]:
    result = CliRunner().invoke(main, ["validate", *options, "--format", "sarif", str(path)])
    log = shaped("log", json.loads(result.stdout))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return shaped("run", run), result.exit_code


@pytest.mark.parametrize("name", ["clean-order", "bad-unit-code", "price-over-tolerance", "wrong-segment-count"])
def test_a_log_has_the_shape_of_the_standard(name: str) -> None:
    path = SAMPLES / name / "in.edi"
    run, code = sarif(path)
    driver = shaped("driver", shaped("tool", run["tool"])["driver"])
    (invocation,) = run["invocations"]
    assert shaped("invocation", invocation) == {"executionSuccessful": True, "exitCode": code}
    (artifact,) = run["artifacts"]
    assert shaped("artifact", artifact) == {"location": {"uri": path.as_uri()}, "length": path.stat().st_size}
    rules = [shaped("rule", rule) for rule in driver["rules"]]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["help"]["text"].startswith(rule["fullDescription"]["text"])
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
    for one in run["results"]:
        result = shaped("result", one)
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert result["message"].keys() == {"text"}
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = shaped("physicalLocation", shaped("location", location)["physicalLocation"])
        assert physical["artifactLocation"] == {"uri": path.as_uri()}
        shaped("region", physical["region"])
        for logical in location["logicalLocations"]:
            shaped("logicalLocation", logical)
        for fix in result.get("fixes", ()):
            (change,) = shaped("fix", fix)["artifactChanges"]
            (replacement,) = shaped("artifactChange", change)["replacements"]
            shaped("region", shaped("replacement", replacement)["deletedRegion"])
    assert bool(run["results"]) == (code != 0)


def test_a_result_stands_where_the_fault_is() -> None:
    path = SAMPLES / "bad-unit-code" / "in.edi"
    data = path.read_bytes()
    run, code = sarif(path)
    assert code == 3
    (result,) = run["results"]
    (location,) = result["locations"]
    region = location["physicalLocation"]["region"]
    start, end = region["byteOffset"], region["byteOffset"] + region["byteLength"]
    assert data[start:end].decode("latin-1") == result["properties"]["seen"] == region["snippet"]["text"]
    assert (region["charOffset"], region["charLength"]) == (region["byteOffset"], region["byteLength"])
    line = data.split(b"\n")[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 :].startswith(data[start:end])
    (logical,) = location["logicalLocations"]
    assert logical["kind"] == "element"
    assert logical["name"] == "PO103"
    assert logical["fullyQualifiedName"].startswith("interchange ")
    assert logical["fullyQualifiedName"].endswith("/PO103")
    assert result["ruleId"] == "x12.element.length"
    assert result["properties"]["acknowledgment"] == "AK4 5"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (rb"~\s*SE\*[0-9]+\*", b"~SE*99*", "envelope.count.segments"),
        (rb"~\s*SE\*([0-9]+)\*[0-9]+", rb"~SE*\1*0099", "envelope.control.mismatch"),
        (rb"~\s*GE\*1\*", b"~GE*2*", "envelope.count.sets"),
        (rb"~\s*IEA\*1\*", b"~IEA*2*", "envelope.count.groups"),
    ],
)
def test_a_fix_carried_out_mends_the_fault(tmp_path: Path, before: bytes, after: bytes, code: str) -> None:
    path = tmp_path / "in.edi"
    data = re.sub(before, after, (SAMPLES / "clean-order" / "in.edi").read_bytes())
    path.write_bytes(data)
    (result,) = sarif(path)[0]["results"]
    assert result["ruleId"] == code
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    (replacement,) = change["replacements"]
    gone, text = replacement["deletedRegion"], replacement["insertedContent"]["text"].encode()
    start = gone["byteOffset"]
    path.write_bytes(data[:start] + text + data[start + gone["byteLength"] :])
    assert sarif(path)[1] == 0


@pytest.mark.parametrize("name", ["bad-unit-code", "price-over-tolerance"])
def test_what_is_only_advice_is_said_and_no_fix(name: str) -> None:
    (result,) = sarif(SAMPLES / name / "in.edi")[0]["results"]
    assert "fixes" not in result
    assert "fix" not in result["properties"]
    assert "\nWhat to do: " in result["message"]["text"]


def test_what_waits_for_a_person_is_an_error_too() -> None:
    run, code = sarif(SAMPLES / "price-over-tolerance" / "in.edi")
    assert code == 1
    assert {(one["level"], one["properties"]["severity"]) for one in run["results"]} == {("error", "HOLD")}
    assert LEVELS.keys() == set(Severity)


def test_a_file_that_is_no_x12_is_a_result_too(tmp_path: Path) -> None:
    path = tmp_path / "an order.pdf"
    path.write_bytes(b"%PDF-1.7\n\xff\x00")
    run, code = sarif(path)
    assert code != 0
    (result,) = run["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"].endswith("/an%20order.pdf")


@pytest.mark.parametrize("other", ["--json", "--ack", "--referee"])
def test_a_log_holds_nothing_but_findings(other: str) -> None:
    result = CliRunner().invoke(main, ["validate", other, "--format", "sarif", str(SAMPLES / "clean-order" / "in.edi")])
    assert result.exit_code == 2
    assert "leave --json, --ack and --referee out" in result.output
