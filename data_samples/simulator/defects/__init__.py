"""Dirt: what happens to true facts between a clerk's desk and an extract.

One module per kind of cell. A *kind* takes the clean text of a cell and gives the dirty one, with what the record now
says (see ``observe``). ``soil`` decides how many cells of which register suffer which kind.
"""
