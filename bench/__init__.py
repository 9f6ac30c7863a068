"""What the engine costs, and what others cost for the same: `make bench`, or `python -m bench --help`."""
