"""What answers a message: units of all that the city knows, the evidence for each, a learnt ranker, the decision."""
