"""Approval items (政务服务事项), joint services (一件事), offices and departments, with their importer.

Imports no other capability.
"""
