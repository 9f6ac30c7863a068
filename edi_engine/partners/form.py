"""A block of a partner file read strictly: words are known, values are of their kind, every problem is gathered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding
from edi_engine.text.nearest import nearest_choices, nearest_or_all
from edi_engine.text.yaml import MOST_PROBLEMS, Entry, Listing, Mark, Node, Text, more_problems, problem
from edi_engine.text.yaml import Mapping as Block

YES: Final = frozenset({"yes", "true", "on"})
NO: Final = frozenset({"no", "false", "off"})


def whole_file(node: Node, what: str, problems: list[Finding]) -> Form | None:
    """Read a file that is one block; None where it is something else. `what` names the kind of file."""
    form = Form(Block((), node.mark), "", problems).inside(node, what)
    return Form(form.block, "", problems) if form is not None else None


@dataclass(slots=True)
class Form:
    """A block with the place it has in its file ("envelope.isa", "" for the whole file) and where its problems go.

    Each reading method gives the value of one word, or its default where the word is absent or wrong; what is wrong
    is added to `problems`, so that one run shows all of it.
    """

    block: Block
    place: str
    problems: list[Finding]

    @property
    def mark(self) -> Mark:
        """Where the block begins."""
        return self.block.mark

    def only(self, built: Iterable[str], unbuilt: Iterable[str] = ()) -> None:
        """Complain about each word that is neither of `built`; those of `unbuilt` are words to come, and said to be."""
        known, later = tuple(built), frozenset(unbuilt)
        for entry in self.block.entries:
            word = entry.key.value
            if word in later:
                self.unbuilt(entry.key.mark, self.named(word))
            elif word not in known:
                owner = self.place or "this file"
                message = f"{owner} has no word {word}; {nearest_or_all(word, known)}"
                self.complain("partner.word.unknown", entry.key.mark, message)

    def entries(self) -> Iterator[Entry]:
        """Give the words with their values, in the order of the file."""
        yield from self.block.entries

    def has(self, word: str) -> bool:
        """Whether the word stands here."""
        return self.block.get(word) is not None

    def node(self, word: str) -> Node | None:
        """Give the value as it was read, None where the word is absent."""
        return self.block.get(word)

    def text(self, word: str, default: str = "", *, needed: bool = False) -> str:
        """Give a text. An absent or empty value is `default`, and a problem where it is needed."""
        node = self.block.get(word)
        if node is None or (isinstance(node, Text) and not node.value):
            if needed:
                self.missing(word)
            return default
        if not isinstance(node, Text):
            self.wrong_kind(node, self.named(word), "one value")
            return default
        return node.value

    def choice(self, word: str, choices: Sequence[str], default: str, *, unbuilt: Iterable[str] = ()) -> str:
        """Give one of `choices`; a value of `unbuilt` is a choice to come, and said to be."""
        value = self.text(word, default)
        if value in choices or value == default:
            return value
        mark = self.mark_of(word)
        if value in frozenset(unbuilt):
            self.unbuilt(mark, f"{self.named(word)}: {value}")
        else:
            message = f"{self.named(word)} cannot be {value}; {nearest_choices(value, choices)}"
            self.complain("partner.value.choice", mark, message)
        return default

    def yes_no(self, word: str, *, default: bool) -> bool:
        """Give yes or no."""
        value = self.text(word, "yes" if default else "no").casefold()
        if value in YES or value in NO:
            return value in YES
        self.complain("partner.value.choice", self.mark_of(word), f"{self.named(word)} is yes or no, not {value}")
        return default

    def texts(self, word: str, *, needed: bool = False) -> tuple[Text, ...]:
        """Give a list of texts; a single one may stand without brackets."""
        node = self.block.get(word)
        if node is None:
            if needed:
                self.missing(word)
            return ()
        found: list[Text] = []
        for item in node.items if isinstance(node, Listing) else (node,):
            if isinstance(item, Text) and item.value:
                found.append(item)
            else:
                self.wrong_kind(item, self.named(word), "a value or a list of values")
        return tuple(found)

    def form(self, word: str, *, needed: bool = False) -> Form | None:
        """Give the block under `word`, None where it is absent or no block."""
        node = self.block.get(word)
        if node is None:
            if needed:
                self.missing(word)
            return None
        return self.inside(node, self.named(word))

    def forms(self, word: str) -> tuple[Form, ...]:
        """Give the blocks of a list."""
        node = self.block.get(word)
        if node is None:
            return ()
        if not isinstance(node, Listing):
            self.wrong_kind(node, self.named(word), "a list, each item after a dash")
            return ()
        inside = (self.inside(item, self.named(word)) for item in node.items)
        return tuple(form for form in inside if form is not None)

    def inside(self, node: Node, place: str) -> Form | None:
        """Read `node` as a block with the name `place`."""
        if isinstance(node, Block):
            return Form(node, place, self.problems)
        if isinstance(node, Text) and not node.value:
            return Form(Block((), node.mark), place, self.problems)
        self.wrong_kind(node, place, "a block of words with values")
        return None

    def named(self, word: str) -> str:
        """Give the name of a word with the blocks around it."""
        return f"{self.place}.{word}" if self.place else word

    def mark_of(self, word: str) -> Mark:
        """Give the place of the value of `word`, of the block where it is absent."""
        node = self.block.get(word)
        return node.mark if node is not None else self.mark

    def missing(self, word: str) -> None:
        """Complain that a word which is needed is not there."""
        self.complain("partner.value.missing", self.mark_of(word), f"{self.named(word)} is missing")

    def wrong_kind(self, node: Node, place: str, wanted: str) -> None:
        """Complain that a list, a block or a value stands where something else is wanted."""
        seen = "a list" if isinstance(node, Listing) else "a block" if isinstance(node, Block) else f'"{node.value}"'
        if isinstance(node, Text) and not node.value:
            seen = "nothing"
        self.complain("partner.value.kind", node.mark, f"{place} wants {wanted}; here stands {seen}")

    def unbuilt(self, mark: Mark, word: str) -> None:
        """Refuse a word of the language that no code reads yet: it is never ignored."""
        message = f"the word {word} is not built yet"
        fix = "take it out; it would be ignored, and nothing in a partner file is ignored"
        self.complain("partner.word.unbuilt", mark, message, fix=fix)

    def complain(self, code: str, mark: Mark, message: str, *, fix: str | None = None) -> None:
        """Add a problem. Raises ConfigurationError where they are too many to go on."""
        self.problems.append(problem(code, mark, message, fix=fix))
        if len(self.problems) >= MOST_PROBLEMS:
            raise ConfigurationError((*self.problems, more_problems(mark)))
