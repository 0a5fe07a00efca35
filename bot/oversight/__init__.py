"""Oversight of disclosure (条例 arts. 46 to 53): the yearly report, reconsideration and lawsuits, complaints, orders to
correct, the assessment of the organs, the bulletin.
"""
