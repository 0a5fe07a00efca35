"""Gaps: what citizens asked in a week and did not get answered well, by the department whose matter it is.

Departments mend the record, write the answer, or say that the matter is not theirs: `docs/gaps.md`.
"""
