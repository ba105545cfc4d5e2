"""From the answers of queries to dense arrays: what engines that speak SQL have in common."""
