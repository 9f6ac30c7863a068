"""x12-edi-tools: segments by id, no rules."""

from meter import measure
from x12_edi_tools.x12_parser import X12Parser

measure(lambda text: sum(map(len, X12Parser().parse(text).values())))
