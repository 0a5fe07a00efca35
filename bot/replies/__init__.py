"""The wording of every answer, text and `custom`, made in one place for all channels.

Imports the services whose records it words; no service imports it.
"""
