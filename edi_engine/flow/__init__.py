"""The day's work, one step at a time: receive, interpret, decide, answer, deliver."""
