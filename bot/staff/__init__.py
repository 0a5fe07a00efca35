"""People who work here: accounts, roles, sign-in, second factor, audit log.

Imports `catalogue` (departments).
"""
