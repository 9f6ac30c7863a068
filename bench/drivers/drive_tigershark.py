"""TigerShark: facades for health care alone; so this says only whether it can be loaded."""

import sys

import tigershark3

sys.exit(f"{tigershark3.__name__} can be loaded, but reads only sets of health care")
