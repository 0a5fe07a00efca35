"""A telephone and a carrier on this machine, to try the text channel with.

Imports `web` for the carrier's formats.
"""
