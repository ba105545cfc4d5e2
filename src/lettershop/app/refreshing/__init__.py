"""Refreshing the published segments: on demand, and by another engine than the embedded one.

`kept.py`       what is to be kept current: published, pinned, and what derived traits hang on
`elsewhere.py`  start here: export, evaluate on a cluster over the lake, take the members
`clusters.py`   the lake of a workspace, and the session that is kept between refreshes
`spark.py`      Spark, or whatever speaks Spark Connect, as it is asked
`orders.py`     refreshes that somebody asked for, one after the other, and how they are
`schedule.py`   when the cluster is asked by itself, and what is wrong with it
`told.py`       what is said of a refresh; members written into the lake
`once.py`       one refresh of a workspace that no server has open

The keeper (app/keeping.py) does it all in the running server.
"""
