# ruff: noqa: INP001 - imported by a script beside it
"""Modules of edi_engine/x12 loaded with a switch at each place where a check can be taken away; see tools/mutants.py."""

from __future__ import annotations

import ast
import builtins
import importlib.abc
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, Final

SPEAKERS: Final = ("ta1", "acknowledge*")
"""Modules that say what was found, so that each of their lines may be what says it."""
GENERATORS: Final = ("compile",)
"""Modules that write Python for the check."""
_PACKAGE: Final = "edi_engine.x12."


@dataclass(frozen=True)
class Place:
    """A switch: `kind` is what it does, `text` the source that it does it to."""

    number: int
    module: str
    function: str
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        short = self.text if len(self.text) <= 110 else f"{self.text[:107]}..."
        return f"{self.kind:8} {self.module}:{self.line} {self.function}: {short}"


@dataclass
class Board:
    """All switches, those that were passed, and the one that is thrown (0: none)."""

    places: list[Place]
    passed: set[int]
    thrown: int = 0

    def stands(self, number: int) -> bool:
        """Say whether what hangs on a switch is done."""
        self.passed.add(number)
        return number != self.thrown

    def turned(self, number: int, value: object) -> object:
        """Give a condition, or its opposite if the switch is thrown."""
        self.passed.add(number)
        return not value if number == self.thrown else value

    def either(self, yes: int, no: int, value: object) -> object:
        """Give what a function says, or what one of its two switches makes it say."""
        self.passed.update((yes, no))
        return True if yes == self.thrown else False if no == self.thrown else value


BOARD: Final = Board([], set())


def install(house: Path, modules: Sequence[str]) -> None:
    """From now on load these modules of the folder `house` with switches. None of them may be loaded yet."""
    trees = {name: ast.parse((house / f"{name}.py").read_text(encoding="utf-8")) for name in modules}
    makers = _makers(list(trees.values()))
    for name in ("stands", "turned", "either"):
        setattr(builtins, f"__{name}__", getattr(BOARD, name))
    codes = {}
    for name, tree in trees.items():
        switched = _Switches(name, makers).visit(tree)
        codes[_PACKAGE + name] = compile(switched, str(house / f"{name}.py"), "exec")
    sys.meta_path.insert(0, _Finder(house, codes))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, house: Path, codes: dict[str, CodeType]) -> None:
        self._house = house
        self._codes = codes

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        code = self._codes.get(fullname)
        if code is None:
            return None
        place = str(self._house / f"{fullname.removeprefix(_PACKAGE)}.py")
        return importlib.util.spec_from_file_location(fullname, place, loader=_Loader(fullname, place, code))


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, code: CodeType) -> None:
        super().__init__(fullname, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code


def _makers(trees: Sequence[ast.Module]) -> frozenset[str]:
    """Give the names of all functions that make findings, are given one, or call such a function."""
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    names = {"Finding", "Fault"} | {one.name for one in functions if any(map(_is_finding, one.args.args))}
    before = 0
    while before < len(names):
        before = len(names)
        names |= {one.name for one in functions if _calls(one, names)}
    return frozenset(names)


def _is_finding(argument: ast.arg) -> bool:
    return argument.annotation is not None and ast.unparse(argument.annotation) in {"Finding", "Fault"}


def _calls(node: ast.AST, names: set[str] | frozenset[str]) -> bool:
    """Say whether something in `node` calls one of these functions or hands it on."""
    return any(isinstance(each, ast.Call) and _name(each.func) in names for each in ast.walk(node))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


class _Switches(ast.NodeTransformer):
    """Puts the switches into one module."""

    def __init__(self, module: str, makers: frozenset[str]) -> None:
        self._module = module
        self._makers = makers
        self._speaks = any(fnmatch(module, pattern) for pattern in SPEAKERS)
        self._generates = module in GENERATORS
        self._around: list[ast.FunctionDef | ast.ClassDef] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:  # noqa: N802 - named by ast
        self._around.append(node)
        self.generic_visit(node)
        self._around.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:  # noqa: N802
        self._around.append(node)
        node.body = self._block(node.body)
        self._around.pop()
        return node

    @property
    def _function(self) -> ast.FunctionDef | None:
        inner = self._around[-1] if self._around else None
        return inner if isinstance(inner, ast.FunctionDef) else None

    @property
    def _decides(self) -> bool:
        """Say whether the conditions here decide about findings, or say something that others decide by."""
        functions = [one for one in self._around if isinstance(one, ast.FunctionDef)]
        if not functions:
            return False
        says = self._speaks or self._generates or _gives(functions[-1]) == "bool"
        return says or any(_calls(one, self._makers) for one in functions)

    def _new(self, kind: str, line: int, text: str) -> int:
        function = ".".join(one.name for one in self._around)
        BOARD.places.append(Place(len(BOARD.places) + 1, self._module, function, line, kind, " ".join(text.split())))
        return len(BOARD.places)

    # Statements

    def _block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [made for one in body for made in self._statement(one)]

    def _statement(self, node: ast.stmt) -> Iterator[ast.stmt]:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield self.visit(node)
            return
        function, kind = self._function, self._kind(node)
        number = self._new(kind, node.lineno, ast.unparse(node)) if kind else 0
        if isinstance(node, ast.Return) and node.value is not None and function and _gives(function) == "bool":
            yield self._verdict(node, node.value)
            return
        changed = self._inside(node)
        if not number or function is None:
            yield changed
            return
        yield _at(ast.If(_call("stands", number), [changed], []), node)
        if isinstance(node, ast.Return):
            yield _at(ast.Return(self._nothing(function)), node)

    def _kind(self, node: ast.stmt) -> str | None:
        """Say what leaving a statement out is called, None where it cannot be left out."""
        function = self._function
        if function is None:
            return None
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
            if self._generates and isinstance(node.value, ast.Yield) and "return True" in ast.unparse(node):
                return "doubt"
            return "told" if self._speaks or _calls(node.value, self._makers) else None
        if not isinstance(node, ast.Return) or node.value is None or isinstance(node.value, (ast.Name, ast.Constant)):
            return None
        if _calls(node.value, self._makers) and _gives(function) != "bool":
            return "told"
        return "doubt" if self._generates and _gives(function) == "str" else None

    def _nothing(self, function: ast.FunctionDef) -> ast.expr:
        """Give what a function returns that has nothing to say."""
        gives = _gives(function)
        if gives.endswith("None"):
            return ast.Constant(None)
        empty = {"tuple": "()", "list": "[]", "str": "'False'" if self._generates else "''"}
        text = next((text for start, text in empty.items() if gives.startswith(start)), "None")
        return ast.parse(text, mode="eval").body

    def _verdict(self, node: ast.Return, value: ast.expr) -> ast.stmt:
        text = ast.unparse(node)
        yes = -1 if _is(value, True) else self._new("yes", node.lineno, text)
        no = -1 if _is(value, False) else self._new("no", node.lineno, text)
        return _at(ast.Return(_call("either", yes, no, self._parts(value))), node)

    def _inside(self, node: ast.stmt) -> ast.stmt:
        """Put the switches into the parts of a statement."""
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                condition = name == "test" and isinstance(node, ast.If)
                setattr(node, name, self._condition(value) if condition else self.visit(value))
            elif name in {"body", "orelse", "finalbody"} and isinstance(value, list):
                setattr(node, name, self._block(value))
        for one in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            one.body = self._block(one.body)
        return node

    # Conditions

    def _condition(self, node: ast.expr) -> ast.expr:
        """Put a switch before a condition and before each of its parts."""
        if not self._decides:
            return self.visit(node)
        number = self._new("turned", node.lineno, ast.unparse(node))
        return _at(_call("turned", number, self._parts(node)), node)

    def _parts(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _at(ast.UnaryOp(ast.Not(), self._parts(node.operand)), node)
        if not isinstance(node, ast.BoolOp):
            return self.visit(node)
        every = isinstance(node.op, ast.And)
        parts = []
        for one in node.values:
            if any(isinstance(each, ast.NamedExpr) for each in ast.walk(one)):
                parts.append(self.visit(one))  # what it names is used further on
                continue
            stands = _call("stands", self._new("dropped", one.lineno, f"{ast.unparse(one)} in {ast.unparse(node)}"))
            kept = self._parts(one)
            left_out = ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), stands), kept])
            parts.append(_at(left_out if every else ast.BoolOp(ast.And(), [stands, kept]), one))
        return _at(ast.BoolOp(node.op, parts), node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.IfExp:  # noqa: N802
        node.test = self._condition(node.test)
        node.body, node.orelse = self.visit(node.body), self.visit(node.orelse)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        node.iter = self.visit(node.iter)
        node.ifs = [self._condition(one) for one in node.ifs]
        return node


def _gives(function: ast.FunctionDef) -> str:
    return ast.unparse(function.returns) if function.returns is not None else ""


def _is(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _call(name: str, *arguments: int | ast.expr) -> ast.expr:
    values = [one if isinstance(one, ast.expr) else ast.Constant(one) for one in arguments]
    return ast.Call(ast.Name(f"__{name}__", ast.Load()), values, [])


def _at(node: Any, like: ast.AST) -> Any:  # noqa: ANN401 - any node of ast, and the same again
    return ast.fix_missing_locations(ast.copy_location(node, like))
