"""Outages: what failed, since when, and how many messages it affected."""
