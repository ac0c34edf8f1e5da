"""A task in PyTorch: ``python -m tests.bench.peers.in_torch FOLDER TASK WAY``, see contestant.py.

What is read here was written by ``translated.py``; MXNet is not loaded.
"""
import numpy
import torch
from torch.nn import functional

from .contestant import contest


class Residual(torch.nn.Module):
    """A residual block; ``body`` and a ReLU at the end (version 1), or normalisation first (version 2)."""

    def __init__(self, shortcut, body=None, **before):
        super().__init__()
        self.shortcut, self.body = shortcut, body
        for name, part in before.items():
            self.add_module(name, part)

    def forward(self, x):
        if self.body is not None:
            return torch.relu(self.body(x) + (x if self.shortcut is None else self.shortcut(x)))
        y = torch.relu(self.bn1(x))
        if self.shortcut is not None:
            x = self.shortcut(y)
        return x + self.conv2(torch.relu(self.bn2(self.conv1(y))))


class Parts(torch.nn.Module):
    """Features and what reads them."""

    def __init__(self, **parts):
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, x):
        return self.output(self.features(x))


def batches(arrays, size, number):
    """Endless reshuffled orders, as `d2lhelpers.batches` has."""
    left = torch.empty(0, dtype=torch.int64)
    for _ in range(number):
        if len(left) < size:
            left = torch.cat([left, torch.randperm(len(arrays[0]))])
        chosen, left = left[:size], left[size:]
        yield [array[chosen] for array in arrays]


def prepared(folder, task, way):
    """A function that does one round, and how many examples that has."""
    net = torch.load(folder / 'torch.pt', weights_only=False)
    x, y = torch.tensor(numpy.load(folder / 'x.npy')), torch.tensor(numpy.load(folder / 'y.npy')).long()
    if way == 'channels_last' and x.dim() == 4:
        net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    call = torch.compile(net) if way == 'compile' else net
    if task.kind == 'evaluate':
        net.eval()

        def evaluate():
            with torch.no_grad():
                for start in range(0, task.size * task.batches, task.size):
                    rows = torch.arange(start, start + task.size) % len(x)
                    call(x[rows]).argmax(1).eq(y[rows]).sum().item()
        return evaluate, task.size * task.batches
    optimizer = torch.optim.SGD(net.parameters(), lr=.001, momentum=.9, weight_decay=.001)
    loss = supervised if task.kind == 'train' else adversarial
    if way == 'compile' and task.kind == 'adversarial':
        call = Parts(**{name: torch.compile(part) for name, part in net.named_children()})
    net.train()

    def train():
        for batch in batches([x, y], task.size, task.batches):
            optimizer.zero_grad()
            value = loss(call, *batch)
            value.backward()
            optimizer.step()
            value.item()  # `fit` reads the loss of each batch as well
    return train, task.size * task.batches


def supervised(net, x, y):
    return functional.cross_entropy(net(x), y)


def adversarial(net, x, y, lam=.5):
    """Half of the batch is the source, half the target."""
    n = len(x) // 2
    features = net.features(x)
    domain = (torch.arange(len(x)) >= n).long()
    turned = ((1 + lam) * features).detach() - lam * features
    return (functional.cross_entropy(net.label(features[:n]), y[:n])
            + functional.cross_entropy(net.domain(turned), domain))


if __name__ == '__main__':
    contest(prepared)
