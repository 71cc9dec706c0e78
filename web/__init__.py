"""The web front end: JSON API, pages, command line and `serve`. It asks `workers`, never the database."""
