"""People's work: the exception queue, decisions, retries, replays, and the history of an order."""
