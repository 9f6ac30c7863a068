# ruff: noqa: INP001, T201 - a script run by path, and loaded by path in a test; it prints
"""Write what the program is made of, as CycloneDX 1.6: `python tools/build_sbom.py [FILE]`, else build/sbom.cdx.json.

Names, versions and hashes are those of requirements/run.txt, licences those that the installed packages state. The same
input gives the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "run.txt"
ENTRY = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> list[dict[str, object]]:
    """Read a lock file: one component for each package, sorted by name. Raises ValueError for a line without hashes."""
    found = []
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        named, hashes = ENTRY.match(entry), sorted(HASH.findall(entry))
        if named is None or not hashes:
            message = f"{entry.splitlines()[0]} has no version or no hash"
            raise ValueError(message)
        name, version = re.sub(r"[-_.]+", "-", named["name"]).lower(), named["version"]
        purl = f"pkg:pypi/{name}@{version}"
        found.append(
            {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": version,
                "purl": purl,
                **_licence(name),
                "hashes": [{"alg": "SHA-256", "content": content} for content in hashes],
            }
        )
    return sorted(found, key=lambda one: str(one["name"]))


def _licence(name: str) -> dict[str, object]:
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return {}
    expression, words = told.get("License-Expression"), (told.get("License") or "").strip()
    if expression:
        return {"licenses": [{"expression": expression}]}
    return {"licenses": [{"license": {"name": words}}]} if words and len(words) < 80 and "\n" not in words else {}


def document() -> dict[str, object]:
    """Make the whole document."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stated = re.search(r'__version__ = "([^"]+)"', (ROOT / "edi_engine" / "__init__.py").read_text(encoding="utf-8"))
    version = stated[1] if stated else "0"
    lock = LOCK.read_text(encoding="utf-8")
    parts = components(lock)
    ours = f"pkg:pypi/{project['name']}@{version}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{ours} {lock}')}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": project["name"],
                "version": version,
                "purl": ours,
                "licenses": [{"expression": project["license"]}],
            }
        },
        "components": parts,
        "dependencies": [{"ref": ours, "dependsOn": [one["bom-ref"] for one in parts]}],
    }


def main(arguments: list[str]) -> int:
    """Write the document."""
    path = Path(arguments[0]) if arguments else ROOT / "build" / "sbom.cdx.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    made = document()
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path}: {len(components(LOCK.read_text(encoding='utf-8')))} components")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
