"""What staff teach: lessons, their review, and the training data made of them.

Imports `conversations`, `letters` and `replies`.
"""
