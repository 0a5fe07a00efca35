"""Finds the answer to a message: units of all that the city knows, evidence for each, a learnt ranker, the decision."""
