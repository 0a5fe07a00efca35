"""What a text means, as a vector: multilingual-e5-small, read from its weight file and run by numpy.

The model runs in a process of its own (`server`); whoever answers asks it through `client` and goes on without it when
it is late or gone. Vectors of what the city knows are made beforehand and kept by content (`store`).
Why so: docs/decisions/0007-encoder.md.
"""
