# Two commands are all one needs: `make run` and `make test`. `make help` lists the others.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: help run real bootstrap test test-fast faults trace mutants lint bench lock ready-run ready-test stop

help:
	@echo "make run        the demo study on this machine: database, broker, web, workers (PORT=8000)"
	@echo "make real       the same with an empty study of your own"
	@echo "make bootstrap  the first administrator of an empty study, while 'make real' runs"
	@echo "make test       every test but the faults"
	@echo "make test-fast  the tests without browser and without those that start servers"
	@echo "make faults     the 45 faults of the requirements, brought about one by one (5 minutes and more), and a table"
	@echo "make trace      each requirement with the tests that prove it, or the reason why none does"
	@echo "make mutants    rules broken one by one in a copy: does the test of each fail?"
	@echo "make lint       style and types"
	@echo "make bench      the budgets, measured side by side"
	@echo "make lock       the lock files again, from pyproject.toml and package.json"

# exec: the supervisor is make's own child, and ends with it.
run: ready-run
	@exec $(BIN)/python -m defier.run --with-parent --port $(PORT)

real: ready-run
	@exec $(BIN)/python -m defier.run --real --with-parent --port $(PORT)

bootstrap:
	@exec $(BIN)/python manage.py bootstrap

test: ready-test
	@EDC_TEST_SERVERS=own exec $(BIN)/python -m pytest -n auto --dist loadfile

test-fast: ready-test
	@EDC_TEST_SERVERS=own exec $(BIN)/python -m pytest -n auto --dist loadfile -m "not slow and not browser"

faults: ready-test
	@EDC_TEST_SERVERS=own exec $(BIN)/python -m pytest -n0 -q -m fault

mutants: ready-test
	@$(BIN)/python -m tests.broken_rules

trace: ready-test
	@$(BIN)/python -m tests.trace

lint: ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

bench: ready-test
	@exec $(BIN)/python -m benchmarks

lock: ready-test
	$(BIN)/python -m defier.lock

ready-run:
	@$(PYTHON) -m defier.machine run

ready-test:
	@$(PYTHON) -m defier.machine test
