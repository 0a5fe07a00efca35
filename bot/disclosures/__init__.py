"""Requests for disclosure (政府信息公开申请): register, statutory clock, filing, desk and yearly report.

Imports `catalogue` (departments) and `staff` (audit log).
"""
