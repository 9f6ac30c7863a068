"""badx12: a tree of the document, no rules."""

from badx12 import Parser
from meter import measure

measure(lambda text: len(Parser().parse_document(text).interchange.groups))
