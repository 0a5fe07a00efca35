"""Measures the assistant on fixed messages, conversations, letters and dialogues (`sets/`).

Imports `answering`, `lessons` and `running`; training uses it as its gate.
"""
