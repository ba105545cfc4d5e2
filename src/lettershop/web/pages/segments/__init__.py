"""Segments: the list, the rule builder, a segment's own page, partitions."""
