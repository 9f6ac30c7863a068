"""databricks x12-edi-parser: segments with an index of sets, no rules."""

from databricksx12 import EDI
from meter import measure

measure(lambda text: EDI(text).num_transactions())
