"""Which lane runs now: threads, pulses, signals. The business tables are the truth; nothing here remembers work."""
