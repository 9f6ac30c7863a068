"""Fuzzing: hostile bytes for whatever reads what others write. `make fuzz` runs it; it is no part of the program.

A target is a way into the program, and the inputs to begin with. `loop` changes inputs for as long as it is given, led
by the code that they reach (atheris); shapes are whole files of one hostile kind, of any size, so that it shows which
costs grow faster than the input. What breaks the limits of `measure` is kept under `tests/fuzz/seeds/` and is a test.
"""
