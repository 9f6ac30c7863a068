"""Partner files, maps and tables as text with positions: YAML and CSV, so that a complaint has a file and a line."""
