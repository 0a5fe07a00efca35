"""Texts by SMS and WeChat: subscribers, inbox, outbox, what a text means to the channel itself.

The carriers are in `bot/web/carriers`.

Imports `conversations`, `reviews` and `replies`.
"""
