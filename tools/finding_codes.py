# ruff: noqa: INP001, T201 - a script run by path, and loaded by path in a test; it prints
"""List every finding code that the engine can produce: `python tools/finding_codes.py`.

The source is read, not run. A code is the first argument (or `code=`) of `Finding(...)`, `code=` of an exception, any
text of three words in one of the families, and any f-string that begins as one; a text that ends with `.xml` names a
file. Where a code is no plain text it is followed: through a function's parameter to its calls, through names, choices,
f-strings, loops over literals and dict literals. Where only its beginning can be told (`order.date.`), any text of that
room may be its end. What cannot be followed at all is named, so that it is written more plainly: a code that nobody can
find, nobody can document.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[1]
FAMILIES = ("transport", "envelope", "x12", "mapping", "order", "ack", "document", "partner", "system")
LEFT_OUT = frozenset({"shipped", "migrations", "sandbox"})
"""Folders that make no findings of ours: data, scripts of Alembic, and the simulated retailer's own verdicts."""
DEEPEST = 12

WORDS = re.compile(rf"(?!.*\.xml$)(?:{'|'.join(FAMILIES)})(?:\.[a-z0-9-]+){{2,3}}")
BEGIN = re.compile(rf"(?:{'|'.join(FAMILIES)})\.[a-z0-9-]+\.[a-z0-9.-]*")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Lost(Exception):
    """An expression whose values cannot be told from the source."""

    def __init__(self, expression: ast.expr | str) -> None:
        """Name the expression."""
        spelled = expression if isinstance(expression, str) else ast.unparse(expression)
        super().__init__(f"{spelled} cannot be followed")


@dataclass
class Scope:
    """One module, and the functions around the expression that is looked at, the innermost last."""

    path: Path
    tree: ast.Module
    functions: tuple[Function, ...] = ()


@dataclass
class House:
    """All modules, with their calls and functions by name."""

    calls: dict[str, list[tuple[ast.Call, Scope]]] = field(default_factory=lambda: defaultdict(list))
    constants: dict[tuple[Path, str], tuple[ast.expr, Scope]] = field(default_factory=dict)
    methods: set[int] = field(default_factory=set)
    imports: dict[Path, dict[str, tuple[str, str]]] = field(default_factory=dict)
    texts: dict[Path, set[str]] = field(default_factory=dict)
    woven: list[tuple[ast.JoinedStr, Scope]] = field(default_factory=list)
    package: Path = ROOT / "edi_engine"


def build(package: Path) -> House:
    """Read all modules of a package."""
    house = House(package=package)
    for path in sorted(package.rglob("*.py")):
        if not LEFT_OUT & set(path.parts):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            scope = Scope(path, tree)
            house.imports[path] = dict(_imports(tree))
            woven = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
            whole = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in woven)
            house.texts[path] = {node.value for node in whole if isinstance(node.value, str)}
            for node in tree.body:
                for name, value in _bindings(node):
                    house.constants[path, name] = (value, scope)
            _walk(tree, scope, house)
    return house


def _imports(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give what each imported name stands for: the module, and the name in it ("" for a module itself)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, (node.module, alias.name)


def _module(path: Path, house: House) -> str:
    inside = path.relative_to(house.package.parent).with_suffix("")
    return ".".join(inside.parts).removesuffix(".__init__")


def _bindings(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        yield node.targets[0].id, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value


def _walk(node: ast.AST, scope: Scope, house: House) -> None:
    for child in ast.iter_child_nodes(node):
        inner = scope
        if isinstance(child, Function):
            inner = Scope(scope.path, scope.tree, (*scope.functions, child))
            if isinstance(node, ast.ClassDef):
                house.methods.add(id(child))
        if isinstance(child, ast.Call):
            house.calls[_called(child)].append((child, inner))
        if isinstance(child, ast.JoinedStr) and BEGIN.fullmatch(_text(child.values[:1])) and not _names_a_file(child):
            house.woven.append((child, inner))
        _walk(child, inner, house)


def _names_a_file(woven: ast.JoinedStr) -> bool:
    return _text(woven.values[-1:]).endswith(".xml")


def _text(values: list[ast.expr]) -> str:
    return str(values[0].value) if values and isinstance(values[0], ast.Constant) else ""


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


@dataclass
class Codes:
    """What was found: codes with the modules that make them, beginnings with the texts of their rooms, and the rest."""

    whole: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    begun: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    lost: list[str] = field(default_factory=list)

    def knows(self, code: str) -> bool:
        """Say whether the engine can make `code`."""
        if code in self.whole:
            return True
        return any(
            code.startswith(begin) and ((end := code.removeprefix(begin)) in texts or end.isdigit())
            for begin, texts in self.begun.items()
        )


def produced(house: House) -> Codes:
    """Find all codes of a package."""
    codes = Codes()
    for path, texts in house.texts.items():
        for text in texts:
            if WORDS.fullmatch(text):
                codes.whole[text].add(_shown(path, house))
    for name, calls in house.calls.items():
        for call, scope in calls:
            written = _code_of(call, name)
            if written is not None:
                _collect(written, scope, house, codes)
    for woven, scope in house.woven:
        _collect(woven, scope, house, codes)
    return codes


def _collect(written: ast.expr, scope: Scope, house: House, codes: Codes) -> None:
    try:
        for code in values(written, scope, house):
            if code.split(".")[0] in FAMILIES:
                codes.whole[code].add(_shown(scope.path, house))
    except Lost as reason:
        begin = _beginning(written, scope)
        if begin:
            room = scope.path.parent
            codes.begun[begin].update(*(texts for path, texts in house.texts.items() if room in path.parents))
        else:
            codes.lost.append(f"{_shown(scope.path, house)}:{written.lineno}: {reason}")


def _shown(path: Path, house: House) -> str:
    return path.relative_to(house.package.parent).as_posix()


def _beginning(written: ast.expr, scope: Scope) -> str:
    """Give the text that an f-string begins with, be it under a name."""
    if isinstance(written, ast.Name):
        for function in reversed(scope.functions):
            for value in _assigned(written.id, function):
                return _beginning(value, scope)
    return _text(written.values[:1]) if isinstance(written, ast.JoinedStr) else ""


def _code_of(call: ast.Call, name: str) -> ast.expr | None:
    if name == "Finding" and call.args:
        return call.args[0]
    named = next((keyword.value for keyword in call.keywords if keyword.arg == "code"), None)
    return named if name in {"Finding", "__init__"} or name.endswith(("Error", "Outcome")) else None


def values(expression: ast.expr, scope: Scope, house: House, depth: int = 0) -> set[str]:  # noqa: PLR0911
    """Give the texts that an expression can have. Raises Lost. A finding's own code, passed on, gives nothing new."""
    if depth > DEEPEST:
        raise Lost(expression)
    match expression:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp():
            return values(expression.body, scope, house, depth) | values(expression.orelse, scope, house, depth)
        case ast.BoolOp(op=ast.Or()):
            return set().union(*(values(each, scope, house, depth) for each in expression.values))
        case ast.JoinedStr():
            parts = [values(each, scope, house, depth) for each in expression.values]
            return {"".join(chosen) for chosen in product(*parts)}
        case ast.FormattedValue():
            return values(expression.value, scope, house, depth)
        case ast.BinOp(op=ast.Add()):
            both = product(values(expression.left, scope, house, depth), values(expression.right, scope, house, depth))
            return {left + right for left, right in both}
        case ast.Attribute(attr="code" | "kind"):
            return set()
        case ast.Subscript(slice=ast.Constant(value="code")):
            return set()
        case ast.Subscript():
            return _entries(expression.value, scope, house, depth)
        case ast.Call(func=ast.Attribute(attr="get")):
            fallback = expression.args[1:]
            found = _entries(expression.func.value, scope, house, depth)  # type: ignore[attr-defined]
            return found.union(*(values(each, scope, house, depth) for each in fallback))
        case ast.Name():
            return _named(expression.id, scope, house, depth)
        case ast.Attribute():
            return _constant(expression.attr, scope, house, depth)
    raise Lost(expression)


def _named(name: str, scope: Scope, house: House, depth: int) -> set[str]:
    for n in range(len(scope.functions) - 1, -1, -1):
        function = scope.functions[n]
        inner = Scope(scope.path, scope.tree, scope.functions[: n + 1])
        arguments = [*function.args.posonlyargs, *function.args.args]
        if name in {each.arg for each in (*arguments, *function.args.kwonlyargs)}:
            return _passed(name, function, inner, house, depth)
        assigned = list(_assigned(name, function))
        if assigned:
            return set().union(*(values(each, inner, house, depth + 1) for each in assigned))
    return _constant(name, scope, house, depth)


def _assigned(name: str, function: Function) -> Iterator[ast.expr]:
    """Give what a name is bound to inside a function: by assignment, walrus, or a loop over literals."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[target], value=value):
                yield from _unpacked(name, target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from _unpacked(name, target, value)
            case ast.NamedExpr(target=target, value=value):
                yield from _unpacked(name, target, value)
            case ast.For(target=target, iter=ast.Tuple(elts=rows) | ast.List(elts=rows)):
                for row in rows:
                    yield from _unpacked(name, target, row)
            case ast.comprehension(target=target, iter=ast.Tuple(elts=rows) | ast.List(elts=rows)):
                for row in rows:
                    yield from _unpacked(name, target, row)


def _unpacked(name: str, target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple):
        where = next((n for n, each in enumerate(target.elts) if isinstance(each, ast.Name) and each.id == name), None)
        if where is None:
            return
        branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
        for branch in branches:
            yield branch.elts[where] if isinstance(branch, ast.Tuple) else branch


def _passed(name: str, function: Function, scope: Scope, house: House, depth: int) -> set[str]:
    """Give what calls pass for a parameter, with its default."""
    positional = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if id(function) in house.methods and positional[:1] in (["self"], ["cls"]):
        positional = positional[1:]
    called = function.name
    if called == "__init__":
        owner = next(one for one in ast.walk(scope.tree) if isinstance(one, ast.ClassDef) and function in one.body)
        called = owner.name
    found: set[str] = set()
    for call, caller in house.calls.get(called, []):
        if function in caller.functions or not _calls(call, caller, called, function, scope, house):
            continue
        given = next((each.value for each in call.keywords if each.arg == name), None)
        at = positional.index(name) if name in positional else len(call.args)
        if given is None and at < len(call.args) and not isinstance(call.args[at], ast.Starred):
            given = call.args[at]
        if given is not None:
            found |= values(given, caller, house, depth + 1)
    defaults = _defaults(function)
    if name in defaults:
        found |= values(defaults[name], scope, house, depth + 1)
    return found


def _calls(call: ast.Call, caller: Scope, name: str, function: Function, home: Scope, house: House) -> bool:
    """Say whether a call of `name` in one module means that very function of another (or the same)."""
    method = id(function) in house.methods and name == function.name
    plain = isinstance(call.func, ast.Name)
    if caller.path == home.path:
        return plain != method
    if name.startswith("_"):
        return False
    module = _module(home.path, house)
    known = house.imports[caller.path].values()
    if plain:
        return not method and house.imports[caller.path].get(name) == (module, name)
    if method:
        return any(source == module for source, _ in known)
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    bound = house.imports[caller.path].get(owner.id) if isinstance(owner, ast.Name) else None
    return bound is not None and ".".join(bound) == module


def _defaults(function: Function) -> dict[str, ast.expr]:
    arguments = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    given = function.args.defaults
    found = dict(zip(arguments[len(arguments) - len(given) :], given, strict=True))
    for each, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if default is not None:
            found[each.arg] = default
    return {name: value for name, value in found.items() if ast.unparse(value) != "None"}


def _constant(name: str, scope: Scope, house: House, depth: int) -> set[str]:
    found = house.constants.get((scope.path, name))
    source = house.imports[scope.path].get(name)
    if found is None and source is not None:
        homes = [path for path in house.imports if _module(path, house) == source[0]]
        found = next((one for path in homes if (one := house.constants.get((path, source[1]))) is not None), None)
    if found is not None:
        return values(found[0], found[1], house, depth + 1)
    raise Lost(name)


def _entries(mapping: ast.expr, scope: Scope, house: House, depth: int) -> set[str]:
    """Give the values of a dict literal, or of the constant that names one."""
    if isinstance(mapping, ast.Name | ast.Attribute):
        name = mapping.id if isinstance(mapping, ast.Name) else mapping.attr
        here = house.constants.get((scope.path, name))
        if here is not None:
            return _entries(here[0], here[1], house, depth + 1)
    if isinstance(mapping, ast.Call) and mapping.args:
        return _entries(mapping.args[0], scope, house, depth + 1)
    if isinstance(mapping, ast.Dict):
        texts: set[str] = set()
        for value in mapping.values:
            parts = value.elts if isinstance(value, ast.Tuple) else [value]
            texts |= {text for part in parts if isinstance(part, ast.Constant) and isinstance(text := part.value, str)}
        return texts
    raise Lost(mapping)


def main() -> int:
    """Print each code with the modules that make it; fail if one could not be followed."""
    codes = produced(build(ROOT / "edi_engine"))
    for code, where in sorted(codes.whole.items()):
        print(code, *sorted(where))
    for begin in sorted(codes.begun):
        print(f"{begin}...")
    for line in codes.lost:
        print(line, file=sys.stderr)
    return 1 if codes.lost else 0


if __name__ == "__main__":
    sys.exit(main())
