"""Wordings that the search reads as one name.

Imports no other capability.
"""
