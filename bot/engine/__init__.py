"""What runs inside Rasa, on Python 3.10: components, channel, tracker store, launcher.

Imports `language`, `letters`, parts of `replies`, and nothing that needs the database models.
"""
