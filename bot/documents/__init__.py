"""Policy documents: reading their files, versions, passages, and the search over them.

Imports `search` and `synonyms`.
"""
