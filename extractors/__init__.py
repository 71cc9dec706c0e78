"""A file in, a checked report out: no web framework, no queue, no database in here."""
