"""`python -m bot doctor`: looks at an installation, says of each part whether it is right, and changes nothing.

A check is a function that takes what it looks at and returns findings. `checks.py` lists them all.
"""
