"""Learnt models of what citizens' letters do (ask, complain, suggest, praise, request) and which office they concern.

Both environments import them, so they need only numpy. Training also needs scikit-learn, which the web environment has.
"""
