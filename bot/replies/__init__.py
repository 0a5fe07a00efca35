"""The wording of every answer, text and subject, in one place for all channels.

Imports the services whose records it puts into words; no service imports it.
"""
