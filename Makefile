# Every target works on a fresh machine with Python 3.11+, pip, make and git.

WORKS := -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do $$p $(WORKS) && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo serve test check fix screens bench crash soak requirements clean

demo: $(READY)  ## four pictures, fetched by the official client, into demo/
	$(BIN)/python examples/demo.py

serve: $(READY)  ## the server, until Ctrl-C
	$(BIN)/safelight serve

test: $(READY)  ## everything that can be tested here; most of it waits, so three run at a time
	$(BIN)/python -m pytest -n 3 --dist loadfile

check: $(READY)  ## format, lint, types, layers
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports
	$(BIN)/basedpyright

fix: $(READY)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

screens: $(READY)  ## each page of the playground, light and dark, wide and narrow, into docs/screens/
	$(BIN)/python -m tests.browser.screens

bench: $(READY)  ## side by side with a peer, as a table of ratios
	$(BIN)/python -m bench

crash: $(READY)  ## the long crash suite: a thousand random kills
	SAFELIGHT_CRASH_ROUNDS=1000 $(BIN)/python -m pytest tests/crash -k random -s

soak: $(READY)  ## a minute of 2,000 listeners and 200 webhooks a second, then a kill
	SAFELIGHT_LOAD_SECONDS=60 $(BIN)/python -m pytest tests/load/test_soak.py

requirements: $(READY)  ## renew the pinned, hashed requirements
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make requirements" --python-version 3.11 \
	  --group dev pyproject.toml --output-file requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make requirements" --python-version 3.11 \
	  pyproject.toml --output-file requirements/core.txt

clean:
	rm -rf .venv demo build

$(READY): requirements/dev.txt
	@test -n "$(PYTHON)" || { echo "Safelight needs Python 3.11 or newer; name it with make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
