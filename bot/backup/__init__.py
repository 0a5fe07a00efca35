"""Backups: one file with all that cannot be made again, the keys apart, and the way back.

A backup is a zip archive: `manifest.json`, the database, Rasa's conversations, and files of `VAR_DIR` under `files/`.
"""
