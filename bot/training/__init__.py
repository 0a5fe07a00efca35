"""Trains a new model from lessons, measures it beside the one that answers, and lets it go live or not.

Imports `evaluation`, `lessons` and `running`.
"""
