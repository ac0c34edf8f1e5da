"""``make bench-peers``: the course's `fit` beside the book's loop and PyTorch, on one core, in half an hour.

Each contestant is a process of its own; they take turns, so that other work on the machine disturbs all
alike. Run it when the machine has nothing else to do.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from .tasks import TASKS, WAYS, ways
from .translated import prepare

SECONDS, ROUNDS = 40, 5  # for each task, and at least
ONE_CORE = os.environ | {'OMP_NUM_THREADS': '1', 'TORCHINDUCTOR_COMPILE_THREADS': '1'}
IMPORTS = {'what lesson 1 needs': 'from d2lhelpers import fit, plots, study, datasets; import pandas',
           'MXNet': 'import mxnet', 'PyTorch': 'import torch',
           'PyTorch, pandas and matplotlib': 'import torch, pandas, matplotlib.pyplot'}


class Contestant:
    """A process that does a round when asked."""

    def __init__(self, folder, task, way):
        self._process = subprocess.Popen(
            [sys.executable, '-m', f'tests.bench.peers.{WAYS[way]}', folder, task, way], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ONE_CORE)
        self.about = self._answer()
        self.rounds = []

    def _answer(self):
        return json.loads(self._process.stdout.readline())

    def race(self):
        self._process.stdin.write('\n')
        self._process.stdin.flush()
        self.rounds.append(self._answer())

    def end(self):
        self._process.stdin.close()
        self._process.wait()

    def rates(self):
        """Examples a CPU-second: first quartile, median, third quartile."""
        return statistics.quantiles([self.about['examples'] / each['cpu'] for each in self.rounds], n=4)


def contests(name, seconds=SECONDS):
    """The contestants of a task, after the race; and the network."""
    task = TASKS[name]
    with tempfile.TemporaryDirectory() as folder:
        net = prepare(Path(folder), task)
        found = {way: Contestant(folder, name, way) for way in ways(task)}
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or len(found['fit'].rounds) < ROUNDS:
            for contestant in found.values():
                contestant.race()
        for contestant in found.values():
            contestant.end()
    return found, net


def multiplications(net, task):
    """Of convolutions and dense layers, for one example on its way forward."""
    total = 0

    def count(layer, inputs, output):
        nonlocal total
        total += output[0].numel() * layer.weight[0].numel()
    hooks = [layer.register_forward_hook(count) for layer in net.modules()
             if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear)]
    with torch.no_grad():
        x = torch.zeros(1, *task.shape)
        if task.kind == 'adversarial':
            features = net.features(x)
            net.label(features), net.domain(features)
        else:
            net(x)
    for hook in hooks:
        hook.remove()
    return total


def multiplications_a_second(n=1536):
    """Of one core, in a product of two large matrices: the most that a convolution could reach."""
    a = torch.randn(n, n)
    torch.set_num_threads(1)
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        a @ a
        spent.append(time.perf_counter() - began)
    return n ** 3 / min(spent)


def importing():
    """CPU seconds of an import in a fresh process, the fastest of three, by turns."""
    spent = {name: [] for name in IMPORTS}
    for _ in range(3):
        for name, code in IMPORTS.items():
            said = subprocess.run([sys.executable, '-c', f'{code}; import time; print(time.process_time())'],
                                  check=True, text=True, capture_output=True, env=ONE_CORE).stdout
            spent[name].append(float(said.split()[-1]))
    return {name: min(seconds) for name, seconds in spent.items()}


def main():
    limit = multiplications_a_second()
    print(f'PyTorch {torch.__version__}. One core multiplies {limit / 1e9:.0f} thousand million '
          'pairs of numbers a second, in a product of matrices.\nExamples a CPU-second: median (quartiles)')
    for name, task in TASKS.items():
        found, net = contests(name)
        rates = {way: contestant.rates() for way, contestant in found.items()}
        # the way back costs twice the way forward
        bound = limit / multiplications(net, task) / (1 if task.kind == 'evaluate' else 3)
        print(f'\n{task.title}, batches of {task.size}; no more than {bound:,.0f} can be')
        for way, (low, middle, high) in rates.items():
            about, rounds = found[way].about, found[way].rounds
            print(f'  {way:14}{middle:>9,.0f} ({low:,.0f} to {high:,.0f})'.ljust(44)
                  + f'fit is {rates["fit"][1] / middle:4.2f} times as fast'.ljust(32)
                  + f'{middle / bound:4.0%} of what can be'.ljust(24)
                  + f'{about["begun"]:5.1f} s to the first round'.ljust(30)
                  + f'{max(each["memory"] for each in rounds):6,.0f} MB', flush=True)
    print('\nImport, CPU seconds: '
          + ', '.join(f'{name} {seconds:.1f}' for name, seconds in importing().items()))


if __name__ == '__main__':
    main()
