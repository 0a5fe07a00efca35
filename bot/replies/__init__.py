"""The wording of every answer, `text` and `custom`, in one place for all channels.

Imports the services whose records it puts into words; no service imports it.
"""
