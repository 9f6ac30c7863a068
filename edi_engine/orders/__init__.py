"""The neutral business documents and the pure rules over them. Knows nothing of X12."""
