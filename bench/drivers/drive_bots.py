"""bots: it reads X12 by grammars alone, and has none of its own; so this says only whether it can be loaded."""

import sys

import bots.inmessage

sys.exit(f"{bots.inmessage.__name__} can be loaded, but reads X12 only by grammars, and ships none of an 850")
