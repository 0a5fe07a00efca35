"""Official notices (告知书) about disclosure requests, and the files that go with an answer.

A notice is written from a template that a city can change, gets a number, is kept sealed, and can be corrected only by
a later notice that names it. `docs/notices.md` explains how.
"""
