"""Segments evaluated on Apache Spark, or anything that speaks Spark Connect, over the lake."""
