"""The queue and all state: jobs, files and results. The database is the truth, messages only wake workers."""
