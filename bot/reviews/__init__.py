"""The queue of cases (工单): what needs a person, who is responsible, what is promised, and every step of a case.

Imports `conversations`, `catalogue` and `staff`.
"""
