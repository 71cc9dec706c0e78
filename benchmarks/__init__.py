"""How well and how fast reports are read, measured on made ones: one command a module."""
