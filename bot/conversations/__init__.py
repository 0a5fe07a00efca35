"""Conversations and messages as they are kept, who answers in them, and the outcome of each answer.

Imports `disclosures` only for what an answer to a filing form may reveal.
"""
