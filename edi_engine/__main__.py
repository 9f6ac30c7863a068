"""`python -m edi_engine` is the command `edi`, for where the environment's own commands are not on the path."""

from edi_engine.cli import main

if __name__ == "__main__":
    main(prog_name="edi")
