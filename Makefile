# Two commands for a fresh machine with Python 3.11 and make: `make serve` and `make test`.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

.PHONY: serve test check setup clean

serve: $(READY)
	$(VENV)/bin/nianbao serve

test: $(READY)
	$(VENV)/bin/pytest

check: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

setup: $(READY)

# PaddleX asks for opencv-contrib-python, which needs libGL and writes over the files of the
# headless twin; the last step settles which of the two a bare server ends up with.
$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --force-reinstall --no-deps opencv-python-headless==4.10.0.84
	touch $(READY)

clean:
	rm -rf $(VENV)
