# Every target does its own set-up: `make test` works in a clean clone on Debian or Ubuntu with Python 3.11+.
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9
TCCLI_VERSION := 3.1.189.1
# What tests need beside Python: a browser to look at pages with, the ssh-keygen that people sign with, openssl for proofs by hand.
DEBIAN_PACKAGES := chromium openssh-client openssl
# Most tests wait for servers and processes: more of them at a time than there are cores.
TOGETHER := -n 4 --dist worksteal

.PHONY: setup debian demo test coverage soak lint bench schemas specification tccli pymerkle custodian access-peers bashlex spark clean
.DEFAULT_GOAL := test

setup: debian $(BIN)/.synced

debian:
	@sh scripts/debian-packages $(DEBIAN_PACKAGES)

# uv comes from the lock file's own index; --compile-bytecode, so that the first start is a fast one.
$(BIN)/.synced: pyproject.toml uv.lock
	$(PYTHON) -c 'import sys; sys.exit("drkit needs Python 3.11 or newer, this is " + sys.version) if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || sh scripts/debian-packages python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv sync --quiet --frozen --extra sandbox --extra orc --compile-bytecode
	$(BIN)/python -m compileall -q drkit
	@touch $@

demo: $(BIN)/.synced
	$(BIN)/drkit demo

# The real tccli brings the whole SDK, which shares its tree with our part of it: an environment of its own.
tccli: .venv-tccli/.synced
.venv-tccli/.synced: tests/peers/tccli.txt $(BIN)/.synced
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-tccli
	$(BIN)/uv pip install --quiet --python .venv-tccli/bin/python --require-hashes -r tests/peers/tccli.txt
	@touch $@

# A second implementation of the evidence's tree, for tests alone: GPL, so never a dependency.
pymerkle: .venv-peers/.synced
.venv-peers/.synced: tests/peers/pymerkle.txt $(BIN)/.synced
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-peers
	$(BIN)/uv pip install --quiet --python .venv-peers/bin/python --require-hashes -r tests/peers/pymerkle.txt
	@touch $@

# Cloud Custodian, to measure against: it brings the same SDK.
custodian: .venv-custodian/.synced
.venv-custodian/.synced: tests/peers/custodian.txt $(BIN)/.synced
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-custodian
	$(BIN)/uv pip install --quiet --compile-bytecode --python .venv-custodian/bin/python --require-hashes -r tests/peers/custodian.txt
	@touch $@

# What else audits policies, to measure against.
access-peers: .venv-access/.synced
.venv-access/.synced: tests/peers/access.txt $(BIN)/.synced
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-access
	$(BIN)/uv pip install --quiet --python .venv-access/bin/python --require-hashes -r tests/peers/access.txt
	@touch $@

# A parser of shell text, to measure against: GPL, so never a dependency.
bashlex: .venv-bashlex/.synced
.venv-bashlex/.synced: tests/peers/bashlex.txt $(BIN)/.synced
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-bashlex
	$(BIN)/uv pip install --quiet --python .venv-bashlex/bin/python --require-hashes -r tests/peers/bashlex.txt
	@touch $@

test coverage: pymerkle
test: setup tccli lint
	$(BIN)/python -m compileall -q drkit
	$(BIN)/pytest $(TOGETHER)

# The same comparison by Spark, with two executors on this machine: an environment of its own, for Spark is large.
spark: $(BIN)/.synced
	@sh scripts/debian-packages openjdk-17-jre-headless
	UV_PROJECT_ENVIRONMENT=.venv-spark $(BIN)/uv sync --quiet --frozen --extra sandbox --extra orc --extra spark
	.venv-spark/bin/python -m pytest -q tests/spark

# Apart from `test`: measured code runs twice as long, and most of it in processes of its own.
coverage: setup tccli
	$(BIN)/coverage erase
	DRKIT_TEST_FRESH=1 $(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --fail-under=90

# The kill matrix over the whole seed of 60 disks, all of that of full copies, a disk that fills up at every kilobyte, and
# thousands of times what can be asked of the sandbox and of the rule of scratch: a quarter of an hour where nothing else
# runs, since its runs wait more than they work.
soak: setup
	DRKIT_SOAK=1 $(BIN)/pytest -n 8 --dist worksteal tests/e2e/test_kill_matrix.py tests/e2e/test_recovery.py tests/e2e/test_full_copies.py tests/e2e/test_vault.py tests/e2e/test_vault_aws.py tests/e2e/test_together.py tests/e2e/test_prove.py tests/e2e/test_prove_aws.py tests/e2e/test_copies.py tests/e2e/test_copies_release.py tests/flows/test_sweep_rule.py tests/sandbox/test_fuzz.py tests/access tests/copies tests/gate

lint: $(BIN)/.synced
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(BIN)/.synced custodian access-peers bashlex
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/evidence.py
	$(BIN)/python benchmarks/due.py
	$(BIN)/python benchmarks/approval.py
	$(BIN)/python benchmarks/access.py
	$(BIN)/python benchmarks/escalate.py
	$(BIN)/python benchmarks/audit.py --peers .venv-access/bin/python
	$(BIN)/python benchmarks/gate.py --peers .venv-bashlex/bin/python
	$(BIN)/python benchmarks/lists.py
	@sh scripts/debian-packages rclone
	$(BIN)/python benchmarks/rclone.py
	$(BIN)/python benchmarks/copies.py
	$(BIN)/python benchmarks/journal.py
	$(BIN)/python benchmarks/demo.py
	$(BIN)/python benchmarks/sandbox.py
	$(BIN)/python benchmarks/snapshots.py --take --custodian .venv-custodian/bin/python

# The generated files that are committed; a test says when they are out of date.
schemas: $(BIN)/.synced
	$(BIN)/drkit schema estate --output configs/schemas/estate.json
	$(BIN)/drkit schema playbook --output configs/schemas/playbook.json
	$(BIN)/python -m drkit.clouds.tencent.policies configs/policies
	$(BIN)/python -m drkit.clouds.aws.policies configs/policies
	$(BIN)/python -m drkit.sandbox.coverage docs/sandbox.md
	$(BIN)/python -m drkit.gate.programs.generate

specification: $(BIN)/.synced
	rm -rf .venv/tccli-wheel
	$(BIN)/python -m pip download --quiet --no-deps --dest .venv/tccli-wheel tccli==$(TCCLI_VERSION)
	$(BIN)/python -m drkit.sandbox.specification.generate .venv/tccli-wheel/*.whl

clean:
	rm -rf .venv .venv-tccli .venv-peers .venv-custodian .venv-access .venv-bashlex .venv-spark .mypy_cache .ruff_cache .pytest_cache .hypothesis drkit-demo
