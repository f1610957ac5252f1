# `make demo` runs the main job on sample mail, without an account. `make test` passes all the tests.
# Each installs what it needs: python packages into .venv, system packages with apt-get (sudo if you are not root).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300
# What the tests talk to: an IMAP and a submission server, a moved clock, systemd's own judgement, kill -9 at a system call,
# mail clients, and a terminal and a screen for them, a keyring on a session bus.
TEST_PACKAGES := dovecot-imapd dovecot-submissiond openssl faketime systemd strace neomutt tmux thunderbird xvfb \
    dbus-daemon gnome-keyring
# More IMAP servers, for what others do differently. Their packages would remove Dovecot's: they are unpacked, not installed.
OTHER_SERVERS := courier-imap cyrus-imapd
# Most of the time is spent waiting: for servers, for clients, for processes to start.
WORKERS ?= $(shell echo $$(($$(nproc) * 2)))

# Labelled mail of others is measured where it lies beside this checkout; it is never part of it.
OTHERS ?= ../shared/corpus/dev

.PHONY: demo test lint benchmark load accuracy mutation clean

demo: $(VENV)/.runtime
	$(BIN)/tactful demo

test: $(VENV)/.dev $(VENV)/.packages $(addprefix $(VENV)/servers/,$(OTHER_SERVERS)) lint
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal --maxfail=50

# Every fault of tests/faults/faults.json as long and as often as it says: hours. FAULTS_SEED=n repeats a run.
faults: $(VENV)/.dev $(VENV)/.packages $(addprefix $(VENV)/servers/,$(OTHER_SERVERS))
	FAULTS=long $(BIN)/pytest -q -n $(WORKERS) --dist worksteal --timeout=14400 tests/faults tests/interop \
	    tests/process/test_sent_once.py tests/process/test_controls.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmark: $(VENV)/.dev $(VENV)/.packages
	$(BIN)/python -m benchmarks.first_scan
	$(BIN)/python -m benchmarks.replay
	$(BIN)/python -m benchmarks.reading
	$(BIN)/python -m benchmarks.footprint

# The daemon under load, against the bars that it is held to: three quarters of an hour.
load: $(VENV)/.dev $(VENV)/.packages
	$(BIN)/python -m benchmarks.load

accuracy: $(VENV)/.dev
	$(BIN)/python -m benchmarks.accuracy --others $(OTHERS)

mutation: $(VENV)/.dev
	$(BIN)/python -m benchmarks.mutation

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(APT) update -q; $(APT) install -y -q --no-install-recommends python3-venv; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python requirements.lock pyproject.toml
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements-dev.lock pyproject.toml
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.runtime

$(VENV)/.packages: Makefile
	@for package in $(TEST_PACKAGES); do \
	    dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then $(APT) update -q && $(APT) install -y -q --no-install-recommends $$missing; fi
	@mkdir -p $(VENV) && touch $@

# With all that each needs and this machine has not; but no mail transport, which they never use.
$(VENV)/servers/%: $(VENV)/.packages
	@rm -rf $@ $@.new && mkdir -p $@.new/debs $@.new/root
	@apt-cache show $* > /dev/null 2>&1 || $(APT) update -q
	@needed=$$(apt-get -s install --no-install-recommends $* | awk '/^Inst/ && $$2 !~ /^exim4|-dev$$/ {print $$2}'); \
	    cd $@.new/debs && timeout 120 apt-get -q download $$needed && for deb in *.deb; do dpkg -x $$deb ../root; done
	@rm -rf $@.new/debs
	@# /lib is a link to /usr/lib wherever this is laid over.
	@if [ -d $@.new/root/lib ]; then cp -a $@.new/root/lib/. $@.new/root/usr/lib && rm -rf $@.new/root/lib; fi
	@mv $@.new $@
