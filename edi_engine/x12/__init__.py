"""X12 as a language: dictionary, reader, check, writer, acknowledgments. Knows nothing of orders or partners."""
