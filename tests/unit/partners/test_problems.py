"""Each problem of a partner file is told with its file, line and column, all of them at once."""

from __future__ import annotations

import pytest

from edi_engine.finding import Severity

FILE = "partners/acme/partner.yaml"
TABLE = "partners/acme/tables/items.csv"
HOSTS = "partners/connections.yaml"


def changed(files, old, new, path=FILE):
    assert old in files[path]
    return files | {path: files[path].replace(old, new, 1)}


@pytest.mark.parametrize(
    ("old", "new", "place", "code", "says"),
    [
        ("status: test", "statsu: test", "2:1", "partner.word.unknown", "nearest: status"),
        ("status: test", "status: lvie", "2:9", "partner.value.choice", "nearest: live"),
        ("status: test", "status: {810: test}", "2:9", "partner.value.missing", "status.all is missing"),
        ("status: test", "status: {all: lvie}", "2:15", "partner.value.choice", "nearest: live"),
        ("status: test", "status: {all: live, 810: draft}", "2:26", "partner.value.choice", "one of: live, test"),
        ("status: test", "status: {all: test, 810: live}", "2:26", "partner.value.choice", "what answers a test is a"),
        ("status: test", "status: {all: live, 850: test}", "2:21", "partner.word.unknown", "status has no word 850"),
        ("status: test", "status: parallel", "2:9", "partner.word.unbuilt", "status: parallel is not built yet"),
        ("status: test", "status: retired", "2:9", "partner.word.unbuilt", "status: retired is not built yet"),
        ("status: test", "from: 2026-12-01", "2:1", "partner.word.unbuilt", "the word from is not built yet"),
        ("name: Acme Stores", "name:", "1:6", "partner.value.missing", "name is missing"),
        ("name: Acme Stores", "name: [a]", "1:7", "partner.value.kind", "wants one value; here stands a list"),
        ("connection: acme", "connection: acne", "3:13", "partner.value.connection", "nearest: acme"),
        ("08/5550001", "085550001", "5:18", "partner.value.address", "not 085550001"),
        ("08/5550001", "8/5550001", "5:18", "partner.value.address", "such as 08/6119290001"),
        ("isa: 01/5559999", "isa: [01/5559999, 01/2]", "6:15", "partner.value.kind", "the one address"),
        ("isa: 01/5559999, ", "", "6:9", "partner.value.missing", "identity.ours.isa is missing"),
        ("gs: US", "gs: [US, UT]", "6:31", "partner.value.kind", "keep one of the 2"),
        ("gs: ACME", "gs: [ACME, ACNE]", "5:44", "partner.value.kind", "keep one of the 2"),
        ("gs: US", "gs: U", "6:31", "partner.value.address", "2 to 15 characters"),
        ("ZZ/ACMETEST", "ZZ/ACME", "7:15", "partner.value.taken", "this partner's other list"),
        ("004010VICS", "004012", "9:12", "partner.value.version", "the dictionary has no version 004012"),
        ("004010VICS", "4010", "9:12", "partner.value.version", "six digits such as 004010"),
        ("850-small", "850-smal", "11:8", "partner.value.map", "there is no map 850-smal; nearest: 850-small"),
        ("850: 850-small", "860: 850-small", "11:3", "partner.word.unbuilt", "maps.860 is not built yet"),
        ("850: 850-small", "850: [{map: 850-smal}]", "11:15", "partner.value.map", "nearest: 850-small"),
        ("850: 850-small", "850: []", "11:8", "partner.value.missing", "maps.850 names no map"),
        ("850: 850-small", "850: [850-small]", "11:9", "partner.value.kind", "such as {map: 850-small}, one for each"),
        ("850: 850-small", "855: 850-small", "11:8", "partner.value.map", "this map reads 850"),
        ("850: 850-small", "851: 850-small", "11:3", "partner.word.unknown", "maps has no word 851; nearest: 8"),
        ("price]", "prise]", "13:35", "partner.table.column", "has no column prise; nearest: price"),
        ("on_missing: hold", "on_missing: guess", "13:55", "partner.value.choice", "one of: hold, pass, omit"),
        ("on_missing: hold", "on_missing: omit", "13:55", "partner.value.choice", "on_missing is hold or pass"),
        ("850: 850-small", "850: {extends: 850-smal}", "11:18", "mapping.map.base", "nearest: 850-small"),
        ("items:", "itemz:", "13:3", "partner.table.missing", "partners/acme/tables/itemz.csv"),
        ("tables:\n", "tables:\n  items: {}\n", "14:3", "partner.file.duplicate-key", "items stands twice"),
    ],
)
def test_a_word_or_value_of_the_partner_file(refused, files, old, new, place, code, says):
    told = refused(changed(files, old, new))
    assert [(where, found) for where, found, _ in told] == [(f"{FILE}:{place}", code)]
    assert says in told[0][2]


@pytest.mark.parametrize(
    ("line", "place", "code", "says"),
    [
        ("rules: [{rule: price_tolerance, over: 2 percent}]", "39", "partner.value.number", "such as 2 % or 0.5 %"),
        ("rules: [{rule: price_tolerance, over: 1e3}]", "39", "partner.value.number", "not 1e3"),
        ("rules: [{rule: price_tolerance, over: ٣}]", "39", "partner.value.number", "not ٣"),
        ("rules: [{rule: price_tolerance, ovr: 2 %}]", "33", "partner.word.unknown", "nearest: over"),
        ("rules: [{rule: price_tolerence}]", "16", "partner.value.choice", "nearest: price_tolerance"),
        ("rules: [{rule: credit}]", "16", "partner.word.unbuilt", "rules.rule: credit is not built yet"),
        ("rules: [{over: 2 %}]", "9", "partner.value.missing", "rules.rule is missing"),
        ("rules: {rule: hold}", "8", "partner.value.kind", "a list, each item after a dash"),
        ("rules: [{rule: quantity_multiple, of: pack.inner}]", "39", "partner.word.unbuilt", "pack.inner is not built"),
        ("rules: [{rule: quantity_multiple}]", "9", "partner.value.missing", "rules.of is missing"),
        ("rules: [{rule: hold, when: order.totl > 1, reason: x}]", "28", "partner.value.condition", "nearest: total"),
        ("rules: [{rule: hold, when: order.total > 1}]", "9", "partner.value.missing", "rules.reason is missing"),
        ("policy: {short_stock: ship}", "23", "partner.value.choice", "one of: cut, backorder, hold"),
        (
            "policy: {duplicate: {07: lnik}}",
            "26",
            "partner.value.choice",
            "cannot be lnik; nearest: link",
        ),
        ("policy: {duplicate: {7: link}}", "22", "partner.word.unknown", "policy.duplicate has no word 7; nearest: 07"),
        ("policy: {duplicate: {22: replace}}", "26", "partner.value.choice", "one of: compare, link, file_only, hold"),
        ("policy: {duplicate: {same_number: replace}}", "35", "partner.word.unbuilt", "same_number: replace is not"),
        ("policy: {duplicate: link}", "21", "partner.value.kind", "policy.duplicate wants a block"),
        ("policy: {change: {05: replce}}", "23", "partner.value.choice", "nearest: replace"),
        ("policy: {change: {01: replace}}", "23", "partner.value.choice", "one of: cancel, hold"),
        ("policy: {change: {04: apply_lines}}", "23", "partner.word.unbuilt", "policy.change.04: apply_lines is not"),
        ("policy: {change: {07: link}}", "19", "partner.word.unknown", "policy.change has no word 07"),
        ("policy: {no_charge: unbiled}", "21", "partner.value.choice", "nearest: unbilled"),
        ("policy: {prices: [NET, net]}", "24", "partner.value.code", "such as NET or WS/NET, not net"),
        ("policy: {pack: holt}", "16", "partner.value.choice", "nearest: hold"),
        ("policy: {pack_from_order: perhaps}", "27", "partner.value.choice", "is yes or no, not perhaps"),
        ("policy: {discountable: all}", "24", "partner.value.choice", "one of: total, goods"),
        ("policy: {terms: 30 days}", "17", "partner.value.kind", "policy.terms wants a block"),
        ("policy: {terms: {net_day: 30, net_days: 30}}", "18", "partner.word.unknown", "nearest: net_days"),
        ("policy: {terms: {net_days: 3.5}}", "28", "partner.value.number", "a whole number from 0 to 3650, not 3.5"),
        ("policy: {terms: {type: 03}}", "17", "partner.value.missing", "policy.terms.net_days is missing"),
        ("policy: {terms: {type: 99, net_days: 30}}", "24", "partner.value.choice", "policy.terms.type cannot be 99"),
        ("policy: {terms: {basis: 03, net_days: 30}}", "25", "partner.value.choice", "cannot be 03"),
        (
            "policy: {terms: [{net_days: 30, discount_days: 10}]}",
            "18",
            "partner.value.missing",
            "a discount wants both",
        ),
        (
            "policy: {terms: {net_days: 30, discount_percent: 200 %, discount_days: 1}}",
            "50",
            "partner.value.number",
            "takes off more than all",
        ),
        ("policy: {ta1: alway}", "15", "partner.value.choice", "nearest: always"),
        ("policy: {acceptance: whole}", "22", "partner.value.choice", "cannot be whole"),
        ("policy: {acceptance: by_group}", "22", "partner.value.choice", "by_group; nearest: hold_group, whole_group"),
        ("policy: {repeated: yes}", "20", "partner.value.choice", "one of: silent, answer"),
        ("policy: {lead_days: -1}", "21", "partner.value.number", "from 0 to 365, not -1"),
        ("policy: {currency: usd}", "20", "partner.value.code", "such as USD, not usd"),
        ("policy: {units: [EA, CASE]}", "22", "partner.value.code", "not CASE"),
        ("policy: {units: []}", "17", "partner.value.code", "policy.units is empty"),
        ("policy: {rounding: half_even}", "20", "partner.value.choice", "half_up"),
        ("policy: {810: {when: shipped}}", "16", "partner.word.unbuilt", "policy.810.when is not built yet"),
        ("policy: {fulfilment: auto}", "22", "partner.value.choice", "mode: auto"),
        ("policy: {fulfilment: {mode: none, transit_days: 61}}", "49", "partner.value.number", "from 0 to 60, not 61"),
        ("policy: {fulfilment: {mode: auto}}", "22", "partner.value.missing", "sscc_prefix is missing"),
        ("policy: {fulfilment: {live: ok}}", "29", "partner.value.sentence", "the sentence that allows"),
        ("clocks: {zone: America/New_Yrok}", "16", "partner.value.zone", "America/New_York"),
        ("clocks: {855: 1 day}", "15", "partner.value.duration", "24 h or 2 d, not 1 day"),
        ("clocks: {856: 30 min after pickup}", "10", "partner.word.unbuilt", "clocks.856 is not built yet"),
        ("clocks: {997: {we_send: 1 h}}", "16", "partner.word.unbuilt", "clocks.997.we_send is not built yet"),
        ("parties: {ship_frm: {name: A}}", "11", "partner.word.unknown", "nearest: ship_from"),
        ("parties: {ship_from: {nane: A}}", "23", "partner.word.unknown", "nearest: name"),
        ("parties: {ship_from: {id: A}}", "22", "partner.value.missing", "one of id and id_type"),
        ("examples: [{in: examples/a.edi}]", "17", "partner.file.missing", "partners/acme/examples/a.edi"),
        ("examples: [{in: tables/items.csv}]", "12", "partner.value.missing", "one of order, 997, 999, 855"),
        ("examples: [{in: tables/items.csv, 855: tables/items.csv, 865: x}]", "58", "partner.word.unbuilt", "865"),
        ("rules: [{rule: price_tolerance, over: 2}]", "39", "partner.value.number", "write 2 % for a percent"),
        ("rules: [{rule: price_tolerance, amount: $0.05}]", "41", "partner.value.number", "no currency sign"),
        ("guide: {850: {BEG02: {codes: []}}}", "30", "partner.value.guide", "cannot be empty"),
        ("guide: {850: {BEG: {max: 3}}}", "26", "partner.value.guide", "BEG.max judges an element, and BEG is a whole"),
        ("guide: {850: {PO1/PID: {codes: [F]}}}", "32", "partner.value.guide", "PID is a whole segment"),
        ("clocks: {zone: CST}", "16", "partner.value.zone", "not CST; nearest: America/Chicago"),
        ("clocks: {zone: pdt}", "16", "partner.value.zone", "not pdt; nearest: America/Los_Angeles"),
        ("clocks: {zone: ICT}", "16", "partner.value.zone", "such as America/Chicago, not ICT"),
        ("clocks: {zone: America/NewYork}", "16", "partner.value.zone", "nearest: America/New_York"),
        ("policy: {quantity_limit: 0}", "26", "partner.value.number", "would hold every order"),
        ("policy: {quantity_limit: many}", "26", "partner.value.number", "not many"),
        ("name two: x", "1", "partner.word.unknown", "nearest: name"),
    ],
)
def test_a_line_of_its_own(refused, files, line, place, code, says):
    told = refused(files | {FILE: files[FILE] + line + "\n"})
    assert [(where, found) for where, found, _ in told] == [(f"{FILE}:14:{place}", code)]
    assert says in told[0][2]


@pytest.mark.parametrize(
    ("line", "place", "code", "says"),
    [
        ("  isa: {version: 4010}", "10:18", "partner.value.version", "ISA12"),
        ("  versions: {7040: 006030}", "10:14", "partner.value.version", "six digits, as in 007040: 006030"),
        ("  versions: {007040: [006030]}", "10:14", "partner.value.version", "six digits, as in 007040: 006030"),
        ("  versions: {007040: 007030}", "10:14", "partner.value.version", "the dictionary has no version 007030"),
        ("  versions: {004030: 004010}", "10:14", "partner.value.version", "the dictionary has version 004030"),
        ("  versions: 007040", "10:13", "partner.value.kind", "a block of words"),
        ("  isa: {want_ta1: maybe}", "10:19", "partner.value.choice", "is yes or no, not maybe"),
        ("  delimiters: {element: A}", "10:25", "partner.value.delimiter", "not A"),
        ('  delimiters: {element: "~"}', "10:15", "partner.value.delimiter", "the same character"),
        ('  delimiters: {repetition: "^"}', "10:28", "partner.value.delimiter", "of version 00401 has no repetition"),
        ("  isa: {version: 00501}", "9:3", "partner.value.delimiter", "of version 00501 needs a repetition"),
        ("  delimiters: {segment: lf, after_segment: cr lf}", "10:44", "partner.value.delimiter", "cannot follow"),
        ("  delimiters: {sgment: lf}", "10:16", "partner.word.unknown", "nearest: segment"),
        ("  sets: {855: {group: ad}}", "10:23", "partner.value.code", "two capitals such as PR, not ad"),
        ("  sets: {856: {version: 007040VICS}}", "10:25", "partner.value.version", "no 856 in 007040"),
        ("  charset: latin-2", "10:12", "partner.value.choice", "cannot be latin-2; nearest: latin-1"),
        ("  charset: utf8", "10:12", "partner.value.choice", "cannot be utf8; nearest: utf-8"),
        ("  sets: {850: {group: PO}}", "10:10", "partner.word.unbuilt", "envelope.sets.850"),
        ("  sets: {997: {version: 005010}}", "10:10", "partner.word.unbuilt", "envelope.sets.997"),
        ("  file: {sets: all}", "10:16", "partner.word.unbuilt", "envelope.file.sets: all"),
        ('  file: {name: "{set}.edi"}', "10:16", "partner.value.file-name", "{number} among them"),
        ('  file: {name: "../{number}"}', "10:16", "partner.value.file-name", "not ../{number}"),
        ('  file: {name: "{number!r}"}', "10:16", "partner.value.file-name", "not {number!r}"),
        ('  file: {name: "{number}{po.__class__}"}', "10:16", "partner.value.file-name", "is made of letters"),
        ('  file: {name: "{sett}{number}"}', "10:16", "partner.value.file-name", "no {sett}, nearest: {set}"),
        ('  file: {name: "{number"}', "10:16", "partner.value.file-name", "not {number"),
    ],
)
def test_a_line_of_the_envelope(refused, files, line, place, code, says):
    told = refused(changed(files, "  version: 004010VICS\n", f"  version: 004010VICS\n{line}\n"))
    assert [(where, found) for where, found, _ in told] == [(f"{FILE}:{place}", code)]
    assert says in told[0][2]


@pytest.mark.parametrize(
    ("old", "new", "place", "code", "says"),
    [
        ("12.40", "12,40", "2:1", "partner.file.row", "9 values"),
        ("12.40", "twelve", "2:4", "partner.table.number", "price wants a number such as 12 or 7.20, not twelve"),
        ("12.40", "$12.40", "2:4", "partner.table.number", "not $12.40; no currency sign"),
        ("12.40", "-1", "2:4", "partner.table.number", "not -1"),
        ("12.40", "1E3", "2:4", "partner.table.number", "not 1E3"),
        ("12.40", "١٢", "2:4", "partner.table.number", "not ١٢"),
        (",6,", ",0,", "2:6", "partner.table.number", "case_pack wants a number above 0, not 0"),
        ("EA", "each", "2:5", "partner.table.value", "such as EA, not each"),
        ("036000291452", "36000291452", "2:3", "partner.table.value", "8, 12, 13 or 14 digits"),
        ("yes", "maybe", "3:8", "partner.table.value", "discontinued wants yes or no, not maybe"),
        ("A2,", "A1,", "3:1", "partner.table.duplicate", "theirs A1 stands in line 2 already"),
        ("G-2", "G-1", "3:2", "partner.table.duplicate", "ours G-1 stands in line 2 already"),
        ("G-2,,", "G-2,0036000291452,", "3:3", "partner.table.duplicate", "gtin 0036000291452 stands in line 2"),
        ("A2,", ",", "3:1", "partner.table.key", "theirs is empty in this row"),
        ("gtin", "gtni", "1:3", "partner.table.column", "nearest: gtin"),
        ("ours", "sku", "1:1", "partner.table.column", "the table items needs a column ours"),
    ],
)
def test_a_cell_of_the_items_table(refused, files, old, new, place, code, says):
    told = refused(changed(files, old, new, TABLE))
    assert (f"{TABLE}:{place}", code) in [(where, found) for where, found, _ in told]
    assert any(says in message for _, _, message in told)


@pytest.mark.parametrize(
    ("old", "new", "place", "code", "says"),
    [
        ("acme:", "Acme:", "1:1", "partner.value.name", "only small letters"),
        ("host: sftp.acme.example, ", "", "2:9", "partner.value.missing", "acme.sftp.host is missing"),
        ("key: acme", "key: /home/me/id_rsa", "2:50", "partner.value.key", "not a path, not the key"),
        ("SHA256:AAAA", "MD5:AA", "2:66", "partner.value.host-key", "SHA256: and 43 characters"),
        ("user: us", "user: us, port: 70000", "2:51", "partner.value.number", "from 1 to 65535"),
        (
            "folder: /out",
            "folder: []",
            "3:16",
            "partner.value.kind",
            "wants one value; here stands a list",
        ),
        ("folder: /out", "folder: [/a, /a/]", "3:16", "partner.value.folder", "acme.in.folder names a folder twice"),
        ("folder: /out", "folder: [/a, /../b]", "3:16", "partner.value.folder", "climbs out of its place"),
        ("folder: /out", "folder: [/a, /in]", "4:17", "partner.value.folder", "is the folder that we read"),
        ("after: delete", "after: delete, wrap: 0", "3:43", "partner.value.number", "from 1 to 32760"),
        ("after: delete", "after: delete, wrapp: 80", "3:37", "partner.word.unknown", "nearest: wrap"),
        ("after: delete", "after: archive", "3:29", "partner.value.choice", "move /out/done, not archive"),
        ("after: delete", "after: move", "3:29", "partner.value.choice", "not move"),
        ("after: delete", "after: delete, claim: rename", "3:44", "partner.word.unbuilt", "claim: rename"),
        ("after: delete", "after: delete, settle: 20", "3:45", "partner.value.duration", "not 20"),
        ("after: delete", "after: delete, max_size: 50", "3:47", "partner.value.size", "500 KB, 50 MB or 1 GB"),
        ("out: {folder: /in}", "out: {folder: /in, deliver: direkt}", "4:31", "partner.value.choice", "direct"),
        ("out: {folder: /in}", "out: {folder: /in, done: .ok}", "4:28", "partner.value.choice", "deliver: done-file"),
        (
            "out: {folder: /in}",
            "out: {folder: /in, deliver: direct, temporary: .x}",
            "4:50",
            "partner.value.choice",
            "with deliver: direct it says nothing",
        ),
        (
            "out: {folder: /in}",
            "out: {folder: /in, deliver: done-file, done: ok}",
            "4:48",
            "partner.value.name",
            "such as .done, not ok",
        ),
        ("out: {folder: /in}", "out: {folder: /in, temporary: x/y}", "4:33", "partner.value.name", "such as .part"),
        ("  in: {folder: /out, after: delete}\n", "  # in\n", "3:13", "partner.value.connection", "has no in:"),
        ("  out: {folder: /in}\n", "", "2:3", "partner.value.missing", "acme.out is missing"),
        ("after: delete", "after: move /out/", "3:29", "partner.value.folder", "so each comes for ever"),
        ("after: delete", "after: move /in", "3:29", "partner.value.folder", "the folder of acme.out.folder"),
        ("after: delete", "after: move /out/../x", "3:29", "partner.value.folder", "climbs out of its place"),
        ("in: {folder: /out", "in: {folder: ../out", "3:16", "partner.value.folder", "climbs out of its place"),
        ("out: {folder: /in", "out: {folder: ..", "4:17", "partner.value.folder", "climbs out of its place"),
        ("out: {folder: /in", "out: {folder: /out/.", "4:17", "partner.value.folder", "pick up what we send"),
        ("after: delete", "after: delete, max_size: 2 GB", "3:47", "partner.value.size", "at most 1024 MB"),
        ("out: {folder: /in}", 'out: {folder: /in, temporary: ""}', "4:33", "partner.value.name", "such as .part"),
        ("out: {", "every: 0 s\n  out: {", "4:10", "partner.value.duration", "at least 1 s, not 0 s"),
        ("out: {", "sessions: 9\n  out: {", "4:13", "partner.value.number", "acme.sessions"),
        ("out: {", "sessions: 0\n  out: {", "4:13", "partner.value.number", "acme.sessions"),
        ("out: {", "as2: {}\n  out: {", "4:3", "partner.word.unbuilt", "acme.as2"),
        ("out: {", "expect: {}\n  out: {", "4:11", "partner.value.kind", "a value or a list of values"),
        (
            "out: {",
            "folder: /x\n  out: {",
            "4:11",
            "partner.value.choice",
            "only one of the two",
        ),
    ],
)
def test_a_connection(refused, files, old, new, place, code, says):
    told = refused(changed(files, old, new, HOSTS))
    file = FILE if code == "partner.value.connection" else HOSTS
    assert (f"{file}:{place}", code) in [(where, found) for where, found, _ in told]
    assert any(says in message for _, _, message in told)


@pytest.mark.fault("S12")
def test_a_password_is_refused_and_not_repeated(refused, files):
    told = refused(changed(files, "key: acme", "key: acme, password: swordfish", HOSTS))
    assert (f"{HOSTS}:2:56", "partner.file.secret") in [(where, found) for where, found, _ in told]
    assert "swordfish" not in str(told)


@pytest.mark.fault("S12")
def test_a_private_key_is_refused_in_any_file(refused, files):
    key = "note\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n"
    told = refused(files | {"partners/acme/notes.txt": key})
    assert [(where, code) for where, code, _ in told] == [("partners/acme/notes.txt:2:1", "partner.file.secret")]
    assert "b3Blbn" not in str(told)


def test_a_file_that_is_no_utf8_is_named_with_its_place(refused, files):
    told = refused(files | {TABLE: b"theirs,ours\nA1,G\xfcrtel\n"})
    assert told[0][:2] == (f"{TABLE}:2:5", "partner.file.encoding")


def test_two_partners_cannot_have_one_address(refused, files):
    second = files[FILE].replace("08/5550001", "08/4440001").replace("ZZ/ACMETEST", "ZZ/BOLTTEST")
    told = refused(
        files | {"partners/bolt/partner.yaml": second, "partners/bolt/tables/items.csv": "theirs,ours,price\n"}
    )
    place = ("partners/bolt/partner.yaml:5:30", "partner.value.taken")
    assert [(where, code) for where, code, _ in told] == [place]
    assert "ZZ/ACME belongs to the partner acme already" in told[0][2]


def test_all_problems_of_all_files_come_at_once(refused, files):
    worse = changed(files, "status: test", "status: lvie")
    worse = changed(worse, "12.40", "x", TABLE)
    worse = changed(worse, "after: delete", "after: keep", HOSTS)
    worse |= {"mappings/850-small.yaml": "reads: 850 004010\norder: {po_nubmer: BEG03}\n"}
    places = [where for where, _, _ in refused(worse)]
    assert f"{HOSTS}:3:29" in places
    assert f"{FILE}:2:9" in places
    assert f"{TABLE}:2:4" in places
    assert "mappings/850-small.yaml:2:9" in places


def test_a_folder_name_is_the_name_of_a_partner(refused, files):
    files = {path.replace("partners/acme/", "partners/Acme Inc/"): text for path, text in files.items()}
    assert refused(files)[0][:2] == ("partners/Acme Inc/partner.yaml:1:1", "partner.value.name")


def test_a_partner_file_that_is_a_list(refused, files):
    assert refused(files | {FILE: "- name\n"})[0][:2] == (f"{FILE}:1:1", "partner.value.kind")


def test_a_map_chosen_by_a_field_that_no_order_has(refused, files):
    choice = "855:\n    - {map: answer, where: {tpye: rush, type: not rush}}\n    - {mep: answer}"
    answer = {"mappings/answer.yaml": "makes: 855 004010\nheading: {BAK03: po_number}\n"}
    told = refused(changed(files, "850: 850-small", choice) | answer)
    assert [(where, code) for where, code, _ in told] == [
        (f"{FILE}:12:29", "partner.word.unknown"),
        (f"{FILE}:12:47", "partner.word.unbuilt"),
        (f"{FILE}:13:8", "partner.word.unknown"),
        (f"{FILE}:13:7", "partner.value.missing"),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{map: 850-small}", "{map: 850-small, where: {type: drop_ship}}"),
        ("{map: 850-small}", "{map: {extends: 850-small, order: {department: REF(IA)}}, where: {type: drop_ship}}"),
        ("{map: 850-small, where: {type: [SA, DS]}}", "{map: 850-small, where: {type: DS, department: '42'}}"),
    ],
)
def test_a_map_that_is_never_taken(refused, files, first, second):
    told = refused(changed(files, "850: 850-small", f"850:\n    - {first}\n    - {second}"))
    assert [(where, code) for where, code, _ in told] == [(f"{FILE}:13:7", "partner.value.unreached")]
    answers = {"mappings/answer.yaml": "makes: 855 004010\nheading: {BAK03: po_number}\n"}
    choices = "850: 850-small\n  855:\n    - {map: answer}\n    - {map: answer, where: {type: DS}}"
    told = refused(changed(files, "850: 850-small", choices) | answers)
    assert [(where, code) for where, code, _ in told] == [(f"{FILE}:14:7", "partner.value.unreached")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{map: 850-small, where: {type: DS}}", "{map: 850-small}"),
        ("{map: 850-small, where: {type: DS}}", "{map: 850-small, where: {type: [DS, SA]}}"),
        ("{map: 850-small, where: {type: DS}}", "{map: 850-small, where: {department: '42'}}"),
        (
            "{map: {extends: 850-small, order: {type: BEG01}}, where: {type: DS}}",
            "{map: 850-small, where: {type: DS}}",
        ),
    ],
)
def test_a_map_that_may_be_taken(load, files, first, second):
    assert load(changed(files, "850: 850-small", f"850:\n    - {first}\n    - {second}")).partners


def test_a_word_of_where_that_no_order_has_is_told_at_its_place(load, files):
    choice = "850:\n    - {map: 850-small, where: {type: [drop_shp, drop_ship]}}\n    - {map: 850-small}"
    (told,) = load(changed(files, "850: 850-small", choice) | {"mappings/850-small.yaml": ROLES}).findings
    where = told.where
    assert (told.code, where.line_no, where.column) == ("mapping.map.value", 12, 39)


def test_a_map_that_was_not_checked_in_the_version_that_we_send(refused, files):
    answer = {"mappings/answer.yaml": "makes: 855 004010\nheading: {BAK03: po_number}\n"}
    text = files[FILE].replace("850: 850-small", "850: 850-small\n  855: answer")
    newer = text.replace("004010VICS", "004010VICS\n  sets: {855: {version: 005010}}")
    told = refused(files | answer | {FILE: newer})
    assert [(where, code) for where, code, _ in told] == [(f"{FILE}:13:8", "partner.value.version")]
    assert "we send 005010, and the map is checked against 004010" in told[0][2]


def test_the_day_of_an_example(refused, files):
    for day in ("22.11.2026", "2026-02-30", "20261122"):
        line = f"examples: [{{in: tables/items.csv, 855: tables/items.csv, today: {day}}}]\n"
        told = refused(files | {FILE: files[FILE] + line})
        assert [code for _, code, _ in told] == ["partner.value.date"]
        assert f"such as 2026-11-22, not {day}" in told[0][2]


def test_a_wrong_check_digit_is_a_warning_and_still_the_item(load, files):
    path = "partners/acme/tables/items.csv"
    edition = load(changed(files, "A1,G-1,036000291452", "A1,G-1,036000291425", path))
    (told,) = edition.findings
    assert (told.code, told.severity) == ("partner.table.check-digit", Severity.WARNING)
    assert f"{told.where.file}:{told.where.line_no}:{told.where.column}" == f"{path}:2:3"
    assert "its last digit would be 1" in told.message
    assert "00036000291425" in edition.partners["acme"].items.by_gtin


@pytest.mark.parametrize("gtin", ["", "96385074", "036000291452", "4006381333931", "10614141000415"])
def test_a_right_check_digit_of_any_length(load, files, gtin):
    assert load(changed(files, "036000291452", gtin, "partners/acme/tables/items.csv")).findings == ()


def test_below_a_folder_of_this_machine_a_slash_in_front_says_nothing(refused, files):
    local = "acme:\n  folder: box\n  in: {folder: out, after: move /out}\n  out: {folder: in}\n"
    assert [told[:2] for told in refused(files | {HOSTS: local})] == [(f"{HOSTS}:3:28", "partner.value.folder")]


def test_ragged_rows_do_not_hide_what_is_wrong_in_the_others(refused, files):
    told = refused(changed(files, "A2,G-2,,3.85,,24,0,yes", "A2,G-2\nA3,G-3,,x,,24,0,yes\nA3,G-4,,1,,24,0,no", TABLE))
    assert [(where, code) for where, code, _ in told] == [
        (f"{TABLE}:3:1", "partner.file.row"),
        (f"{TABLE}:4:4", "partner.table.number"),
        (f"{TABLE}:5:1", "partner.table.duplicate"),
    ]


SEND = """\
makes: 855 004010
heading:
  BAK03: po_number
  N1:
    each: parties
    where: {role: [ship_too, ST, SF, MA, remit_to]}
    N101: role
  REF(DP): {from: department, where: {type: none}}
  REF(IA): parties(shp_to).id
"""
ROLES = """\
reads: 850 004010
order:
  po_number: BEG03
  type: {from: BEG02, codes: {SA: standard, DS: drop_ship}}
  parties: {each: N1, role: {from: N101, codes: {ST: ship_to, RE: remit_to}, on_missing: pass}, id: N104}
"""


def test_a_word_that_no_order_has_is_a_warning(load, files):
    answers = "850: 850-small\n  855: [{map: answer, where: {type: [drop_shp, drop_ship]}}]"
    maps = {"mappings/answer.yaml": SEND, "mappings/850-small.yaml": ROLES}
    edition = load(changed(files, "850: 850-small", answers) | maps)
    told = [
        (f.where.file, f.where.line_no, f.message.split(":")[0], f.message.split("; ")[1]) for f in edition.findings
    ]
    assert {f.severity for f in edition.findings} == {Severity.WARNING}
    assert told == [
        (FILE, 12, "no order has the type drop_shp", "nearest: drop_ship"),
        ("mappings/answer.yaml", 6, "no order has the role ship_too", "nearest: ship_to"),
        ("mappings/answer.yaml", 6, "no order has the role ST", "nearest: ship_to"),
        ("mappings/answer.yaml", 9, "no order has the role shp_to", "nearest: ship_to"),
    ]


def test_a_field_that_is_filled_without_codes_may_hold_any_word(load, files):
    maps = {
        "mappings/answer.yaml": SEND,
        "mappings/850-small.yaml": ROLES.replace(", codes: {ST: ship_to, RE: remit_to}", ""),
    }
    maps["mappings/850-small.yaml"] = maps["mappings/850-small.yaml"].replace(", on_missing: pass", "")
    assert load(changed(files, "850: 850-small", "850: 850-small\n  855: answer") | maps).findings == ()


@pytest.mark.parametrize(
    ("name", "rows", "place", "code", "says"),
    [
        ("stores", "0101,A\n0101,B\n", "3:1", "partner.table.duplicate", "line 2 already; one store has one row"),
        ("stores", ",A\n", "2:1", "partner.table.key", "every store has an id"),
        ("ship_tos", "0417,A\n0417,B\n", "3:1", "partner.table.duplicate", "one place has one row"),
    ],
)
def test_a_row_of_a_table_of_places(refused, files, name, rows, place, code, says):
    path = f"partners/acme/tables/{name}.csv"
    text = files[FILE] + f"  {name}: {{columns: [theirs, name]}}\n"
    told = refused(files | {FILE: text, path: f"theirs,name\n{rows}"})
    assert [(where, found) for where, found, _ in told] == [(f"{path}:{place}", code)]
    assert says in told[0][2]


def test_a_table_of_stores_needs_their_ids(refused, files):
    path = "partners/acme/tables/stores.csv"
    text = files[FILE] + "  stores: {columns: [number]}\n"
    told = refused(files | {FILE: text, path: "number,name\n0101,A\n"})
    assert told == [(f"{path}:1:1", "partner.table.column", "the table stores needs a column theirs")]
