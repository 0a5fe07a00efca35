"""The figures of a period (统计) and the monthly bulletin.

Reads the tables of the capabilities that it counts.
"""
