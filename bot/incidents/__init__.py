"""Outages of the house: what failed, since when, and how many citizens it touched."""
