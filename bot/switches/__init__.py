"""Turns the assistant, a channel, a topic, an item or a document off and on, at once.

Imports what can be turned off.
"""
