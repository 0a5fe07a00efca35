"""Measures of official papers (GB/T 9704-2012), for DOCX and PDF alike: millimetres, and points for type."""

from __future__ import annotations

WIDTH, HEIGHT = 210, 297
TOP, BOTTOM, LEFT, RIGHT = 37, 35, 28, 26
# 二号, 三号, 四号.
TITLE_POINTS, BODY_POINTS, PAGE_NUMBER_POINTS = 22, 16, 14
# 22 lines on a page.
LINE_POINTS, TITLE_LINE_POINTS = 29, 35
# Page numbers stand this far below the text.
PAGE_NUMBER_BELOW = 7
# Where the name of an attachment begins, in signs of the body: after two empty ones and “附件：”.
ATTACHMENT_SIGNS = 5
