"""Members of staff: accounts, roles, sign-in, second factor, audit log.

Imports `catalogue` (departments).
"""
