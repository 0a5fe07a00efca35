"""What citizens' letters do (ask, complain, suggest, praise, request) and which office they concern, both learnt.

Read by both environments, so numpy only; training needs scikit-learn and runs beside the actions.
"""
