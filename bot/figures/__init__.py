"""The figures of a period (统计) and the monthly bulletin.

Reads the tables of other packages: conversations, reviews (cases and ratings) and the catalogue.
"""
