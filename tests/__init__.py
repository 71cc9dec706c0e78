"""Tests; `tests.making` makes the reports they read."""
