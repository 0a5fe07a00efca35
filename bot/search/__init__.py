"""Finds the passage that answers a question: the index, the evidence, and a ranker learnt from answered questions."""
