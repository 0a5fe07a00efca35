"""Question time (在线访谈): talks that are announced, for which citizens ask questions, answered live by guests.

Questions are moderated. The record of a talk (文字实录) stays, is searched, and is quoted by the assistant.
"""
