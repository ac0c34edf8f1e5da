# The doors of the course. Each does all the set-up it needs; .setup.sh knows how.
PYTHON = @sh .setup.sh python
# On all cores side by side, so with one thread each; a notebook stays on one of them
TESTS = OMP_NUM_THREADS=1 D2LHELPERS_STRICT=1 sh .setup.sh python -m pytest -n auto --durations=10
NB =
CONFIRM =
CLUSTER =
LAB =
SOLUTIONS = yes
SHARP =

.PHONY: help lab test test-long reset slides handout notebooks pytorch results verdicts weights bench lock check-environment lint

help:
	@echo 'make lab                the course in JupyterLab, on your own copies in my/'
	@echo 'make lab SOLUTIONS=no   the same without the solutions, for a class'
	@echo 'make test               the tests'
	@echo 'make reset NB=01        a fresh copy of lesson 01 in my/; yours is kept beside it'
	@echo 'make slides             the lessons as decks of slides, in slides/, to lecture from; SHARP=1 for'
	@echo '                        figures of twice as many pixels'
	@echo 'make handout            decks, lessons and exercises as PDF, to print'
	@echo
	@echo 'For makers of the course:'
	@echo 'make test-long          those that take longer: each cell of the lessons twice and out of order'
	@echo 'make notebooks [NB=03]  execute the notebooks that are due, and keep their output'
	@echo 'make pytorch            execute the page from_gluon_to_pytorch, with PyTorch in an environment of its own'
	@echo 'make results [NB=03]    compute the recorded studies that are due; with CONFIRM=1 only three rows of each;'
	@echo '                        with CLUSTER=name on the engines of that cluster of ipyparallel'
	@echo 'make verdicts [NB=03]   what the claims come out as, into the table of what is expected of them'
	@echo 'make weights            train the embedded backbones again'
	@echo 'make bench              measure speed on this machine'
	@echo 'make lint               house style'
	@echo 'make lock               requirements.lock from pyproject.toml'
	@echo 'make check-environment  what conda would do with environment.yml, by pip, in a folder of its own'

lab:
	$(PYTHON) -m d2lhelpers.my lab $(if $(filter no,$(SOLUTIONS)),--no-solutions) $(LAB)

test:
	@$(TESTS) -m 'not long'

test-long:
	@$(TESTS) -m long --dist=load

reset:
	$(PYTHON) -m d2lhelpers.my reset "$(NB)"

slides:
	$(PYTHON) -m tools.slides $(if $(SHARP),sharp)

handout:
	$(PYTHON) -m tools.handout

notebooks:
	$(PYTHON) -m tools.notebooks $(NB)

# The small build for CPUs where its index can be reached, else the one of the usual index, 5.5 GB installed
pytorch:
	@test -x .torch/bin/python || sh .setup.sh uv venv --quiet --no-project --python 3.11 .torch
	@sh .setup.sh uv pip install --quiet --python .torch/bin/python --no-deps --require-hashes -r requirements.lock
	@sh .setup.sh uv pip install --quiet --python .torch/bin/python --torch-backend=cpu -r pyproject.toml --extra torch || \
	    sh .setup.sh uv pip install --python .torch/bin/python -r pyproject.toml --extra torch
	@PYTHONPATH='$(CURDIR)' .torch/bin/python -m tools.pytorch

results:
	@D2LHELPERS_CLUSTER='$(CLUSTER)' sh .setup.sh python -m tools.results $(NB) $(if $(CONFIRM),--confirm)

verdicts:
	$(PYTHON) -m tools.verdicts $(NB)

weights:
	$(PYTHON) -m tools.weights $(NB)

bench:
	$(PYTHON) -m tests.bench

lint:
	$(PYTHON) -m ruff check

lock:
	@UV_CUSTOM_COMPILE_COMMAND='make lock' sh .setup.sh uv pip compile --quiet pyproject.toml --group lock --universal --python-version 3.11 \
	    --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links -o requirements.lock

check-environment:
	$(PYTHON) -m tools.check_environment
