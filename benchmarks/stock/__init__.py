"""A plain Rasa project with the same items and answers, to measure ours beside it (`benchmarks/bench.py`)."""
