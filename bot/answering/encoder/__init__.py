"""Turns a text into a vector of its meaning: multilingual-e5-small, read from its weight file and run by numpy.

The model runs in a process of its own (`server`). The processes that answer ask it through `client`, and go on without
it when it is late or down. Vectors of what the city knows are made in advance and stored by content (`store`).
The reasons: docs/decisions/0007-encoder.md.
"""
