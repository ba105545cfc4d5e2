"""Several processes on several machines, over records on PostgreSQL: who is there, who leads, and
the log they share.

`models.py`      the records: Process, Leadership, IntakeState, IntakeRequest
`processes.py`   Heartbeat: a process says that it is alive; who is, by the database's clock
`leading.py`     Leading: one process at a time owns the facts and acts by the clock
`shared_log.py`  what web processes have acknowledged, in one order, until the owner has it
"""
