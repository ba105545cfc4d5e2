"""Several processes on several machines: who is there, who leads, and the log they share."""
