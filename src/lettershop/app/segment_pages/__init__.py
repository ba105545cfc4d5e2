"""Segments as the pages show them: answered from what the refresher keeps, seldom evaluated.

standing.py    what a segment is, in force or only in the folder, and who is in it: start here
folder.py      the folder's definitions, read again only when a file has changed
listing.py     all segments as rows, with their sizes day by day
members.py     a page of members, found by what is typed
alike.py       who shares members with whom
apart.py       what sets members apart from everybody else
past.py        sizes before a segment was kept, worked out from the facts; knowable.py: of which
partitions.py  a partition written anew: checked, counted, published as a whole
"""
