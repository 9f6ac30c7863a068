"""Where X12 meets business: maps that read a transaction set into a neutral document and write one from it."""
