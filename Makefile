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
TIMES =

.PHONY: help lab test test-long reset slides handout book book-messages diagrams notebooks with-torch pytorch results verdicts \
    weights bench bench-growth bench-peers lock check-environment lint check-workflows links audit faults endurance other-cpus ssh-engines \
    slurm-engines emulated-machines

help:
	@echo 'make lab                the course in JupyterLab, on your own copies in my/'
	@echo 'make lab SOLUTIONS=no   the same without the solutions, for a class'
	@echo 'make test               the tests'
	@echo 'make reset NB=01        a fresh copy of lesson 01 in my/; yours is kept beside it'
	@echo 'make slides             the lessons as decks of slides, in slides/, to lecture from; SHARP=1 for'
	@echo '                        figures of twice as many pixels'
	@echo 'make handout            decks, lessons and exercises as PDF, to print'
	@echo 'make book               the course as a book to read, in reading/: web pages, EPUB, PDF'
	@echo
	@echo 'For makers of the course:'
	@echo 'make test-long          those that take longer: each cell of the lessons twice and out of order'
	@echo 'make notebooks [NB=03]  execute the notebooks that are due, and keep their output'
	@echo 'make pytorch            execute the page from_gluon_to_pytorch, with PyTorch in an environment of its own'
	@echo 'make results [NB=03]    compute the recorded studies that are due; with CONFIRM=1 only three rows of each;'
	@echo '                        with CLUSTER=name on the engines of that cluster of ipyparallel'
	@echo 'make verdicts [NB=03]   what the claims come out as, into the table of what is expected of them'
	@echo 'make weights            train the embedded backbones again'
	@echo 'make book-messages      bring the translations of the book in step with the notebooks; NB=02 begins those of'
	@echo '                        lesson 2'
	@echo 'make diagrams           the drawings of the lessons as SVG, for the book'
	@echo 'make bench              measure speed on this machine'
	@echo 'make bench-growth       how seconds and memory grow with photos, classes, pixels, seeds and arms'
	@echo 'make bench-peers        the same work in PyTorch and by the loop of the book, by turns, in half an hour'
	@echo 'make lint               house style'
	@echo 'make lock               requirements.lock from pyproject.toml, and that of the book'
	@echo 'make check-environment  what conda would do with environment.yml, by pip, in a folder of its own'
	@echo 'make check-workflows    linters on what other machines read: workflows, issue forms, Dockerfile'
	@echo 'make links              do the pages that the course links to still answer?'
	@echo 'make audit              known holes of the locked packages'
	@echo 'make faults             full disks, kills, cut connections: the longer ones (half an hour and more)'
	@echo 'make endurance          all notebooks TIMES=20 times under load, outputs compared; it goes on after an end'
	@echo 'make other-cpus         all lessons as on older CPUs: verdicts and figures compared'
	@echo 'make ssh-engines        ipyparallel by SSH, against a server of SSH on this machine: a study, a training'
	@echo 'make slurm-engines      the same by Slurm, on a cluster of one node (root, in a container)'
	@echo 'make emulated-machines  seconds of an update on two machines with a slow connection, emulated (root)'

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

book:
	@sh .setup.sh book -m book

book-messages:
	@sh .setup.sh book -m book messages $(NB)

notebooks:
	$(PYTHON) -m tools.notebooks $(NB)

# The small build for CPUs where its index can be reached, else the one of the usual index, 5.5 GB installed
with-torch:
	@test -e .torch/whole || sh .setup.sh uv venv --quiet --clear --no-project --python 3.11 .torch
	@rm -f .torch/whole
	@sh .setup.sh uv pip install --quiet --python .torch/bin/python --no-deps --require-hashes -r requirements.lock
	@sh .setup.sh uv pip install --quiet --python .torch/bin/python --torch-backend=cpu -r pyproject.toml --extra torch || \
	    sh .setup.sh uv pip install --python .torch/bin/python -r pyproject.toml --extra torch
	@touch .torch/whole

pytorch: with-torch
	@PYTHONPATH='$(CURDIR)' .torch/bin/python -m tools.pytorch

results:
	@D2LHELPERS_CLUSTER='$(CLUSTER)' sh .setup.sh python -m tools.results $(NB) $(if $(CONFIRM),--confirm)

verdicts:
	$(PYTHON) -m tools.verdicts $(NB)

weights:
	$(PYTHON) -m tools.weights $(NB)

diagrams:
	$(PYTHON) -m tools.diagrams

bench:
	$(PYTHON) -m tests.bench

bench-growth:
	$(PYTHON) -m tests.bench.growth

bench-peers: with-torch
	@PYTHONPATH='$(CURDIR)' OMP_NUM_THREADS=1 .torch/bin/python -m tests.bench.peers

lint:
	$(PYTHON) -m ruff check

lock:
	@UV_CUSTOM_COMPILE_COMMAND='make lock' sh .setup.sh uv pip compile --quiet pyproject.toml --group lock --universal --python-version 3.11 \
	    --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links -o requirements.lock
	@# without the course's own settings of uv, which leave Sphinx out
	@UV_CUSTOM_COMPILE_COMMAND='make lock' sh .setup.sh uv pip compile --no-config --quiet book/requirements.in --universal --python-version 3.11 \
	    --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links -o book/requirements.lock

check-environment:
	$(PYTHON) -m tools.check_environment

check-workflows:
	$(PYTHON) -m tools.check_workflows

links:
	$(PYTHON) -m tools.links

audit:
	$(PYTHON) -m tools.audit

faults:
	@D2LHELPERS_FAULTS=1 OMP_NUM_THREADS=1 sh .setup.sh python -m pytest --durations=10 tests/faults

endurance:
	$(PYTHON) -m tools.endurance $(if $(TIMES),--times $(TIMES)) $(NB)

other-cpus:
	$(PYTHON) -m tools.other_cpus $(NB)

ssh-engines:
	$(PYTHON) -m tools.ssh_engines

slurm-engines:
	$(PYTHON) -m tools.slurm_engines

emulated-machines:
	$(PYTHON) -m tools.emulated_machines
