"""A work-order system on this machine, to try the way to the city's own with.

Imports `web` for the formats of the contract.
"""
