"""Laws: their versions and standing, and which of our records rest on a law that has changed (法律依据).

Imports the catalogue, the documents, the routes and the table of the disclosure clock, since it reads what they cite.
"""
