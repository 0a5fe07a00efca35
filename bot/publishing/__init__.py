"""Publishing on the organ's own motion (主动公开, 条例 arts. 19 to 26): what each organ has to publish and when, the
guide and the directory for citizens (art. 12), correction of records (art. 41), requests that become public (art. 44).

Imports the catalogue, the documents and the disclosure requests.
"""
