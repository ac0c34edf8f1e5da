"""``make emulated-machines``: what an update takes on machines with a connection of so many bits a second.

Each machine is a network namespace of this one, with an address and a connection of its own, whose two
directions `tc` limits; a bridge is the switch. So the network is real but for the cable. The workers share
the cores: there must be one for each, and nothing else to do. Root, in a container.
"""
import json
import os
import subprocess
import sys
import time

from d2lhelpers import CourseError
from d2lhelpers.environment import settings

from . import far_engines
from .command import status

RECORD = settings.root / 'data' / 'results' / '09_machines.csv'
NETWORKS = {'thin ResNet': ('thin_resnet', 64, 32), 'ResNet-18': ('resnet18_v2', 224, 8)}  # side, batch
TRAINED = ('all', 'head')
CASES = ((None, 1), (1, 2), (.1, 2))  # Gbit/s, workers
UPDATES, WARM = 10, 3  # the first choose algorithms, and wait for one another
_IN = 'tools.emulated_machines'


class Machine:
    """A process in a network namespace of its own, connected to the switch."""

    def __init__(self, number, gbit, *arguments):
        self._process = subprocess.Popen(
            ['unshare', '--net', sys.executable, '-m', _IN, *arguments], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=os.environ | {'OMP_NUM_THREADS': '1'})
        self.address = f'10.9.0.{number}'
        self.hear()  # it is there, and so is its namespace
        inside, outside = f'in{number}', f'out{number}'
        pid = str(self._process.pid)
        enter = ['nsenter', '--net', '--target', pid]
        commands = [['ip', 'link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', pid],
                    ['ip', 'link', 'set', outside, 'master', 'switch', 'up'],
                    [*enter, 'ip', 'address', 'add', f'{self.address}/24', 'dev', inside],
                    [*enter, 'ip', 'link', 'set', inside, 'up'],
                    [*enter, 'ip', 'link', 'set', 'lo', 'up']]
        if gbit:
            limit = ['root', 'tbf', 'rate', f'{gbit:g}gbit', 'burst', '128kb', 'latency', '100ms']
            commands += [[*enter, 'tc', 'qdisc', 'add', 'dev', inside, *limit],
                         ['tc', 'qdisc', 'add', 'dev', outside, *limit]]
        for command in commands:
            subprocess.run(command, check=True)

    def hear(self):
        line = self._process.stdout.readline()
        if not line:
            raise CourseError(f'A machine has ended with {self._process.wait()}.')
        return json.loads(line)

    def tell(self, what):
        self._process.stdin.write(json.dumps(what) + '\n')
        self._process.stdin.flush()

    def ask(self, what):
        self.tell(what)
        return self.hear()

    def end(self):
        self._process.stdin.close()
        self._process.wait(60)


def measure(name, trained, gbit, machines):
    """Seconds of an update, the slowest worker's median; and how many numbers are trained."""
    began = [Machine(1, gbit, 'server')] if machines > 1 else []
    try:
        job = began[0].ask({'workers': machines, 'address': began[0].address}) if machines > 1 else None
        workers = [Machine(number, gbit, 'worker', name, trained) for number in range(2, 2 + machines)]
        began[:0] = workers
        for worker in workers:
            worker.tell({'job': job, 'address': worker.address if job else None})
        answers = [worker.hear() for worker in workers]
    finally:
        for machine in began:
            machine.end()
    return max(answer['seconds'] for answer in answers), answers[0]['numbers']


def serve():
    """The machine of the server."""
    from d2lhelpers import machines

    _say({})
    server = machines.serve(**_heard())
    _say(server.environment)
    sys.stdin.read()
    server.stop()


def work(name, trained):
    """A machine that trains."""
    from d2lhelpers import backbones, batches, cross_entropy, fit, freeze, machines, seed_all

    import numpy
    from mxnet import gluon, np, npx

    _say({})
    worker = machines.join(**_heard())
    network, side, size = NETWORKS[name]
    seed_all(0)
    net = backbones.build(network, 2)
    if trained == 'head':
        freeze(net, net.features)
    net.hybridize(static_alloc=True)
    count = worker.num_workers if worker else 1
    data = gluon.data.ArrayDataset(np.random.normal(size=(size * count, 3, side, side)),
                                   numpy.arange(size * count, dtype='int32') % 2)
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': 1e-4},
                            kvstore=worker or 'device', update_on_kvstore=False)
    given = batches(data, size=size * count, updates=UPDATES, share=worker)  # each has a batch of its own
    ticks = []

    def tick(_):
        npx.waitall()
        ticks.append(time.perf_counter())

    fit(lambda x, y: cross_entropy(net(x), y), given, trainer, 1, before_step=tick)
    machines.leave(worker)
    _say({'seconds': numpy.median(numpy.diff(ticks)[WARM:]),
          'numbers': sum(p.data().size for p in net.collect_params().values() if p.grad_req != 'null')})


def _say(what):
    print(json.dumps(what), file=_OUT, flush=True)


def _heard():
    return json.loads(sys.stdin.readline())


def main(role=None, *arguments):
    """Measure everything, and write the record."""
    if role == 'server':
        return serve()
    if role == 'worker':
        return work(*arguments)
    if os.geteuid() != 0:
        raise CourseError('Network namespaces are made as root: run this in a container.')
    if role != 'inside':
        unshare, *_ = far_engines.found('unshare', 'nsenter', 'ip', 'tc', package='util-linux iproute2')
        os.execv(unshare, ['unshare', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--',
                           sys.executable, '-m', _IN, 'inside'])
    import pandas

    for words in ('link set lo up', 'link add switch type bridge', 'link set switch up'):
        subprocess.run(['ip', *words.split()], check=True)
    rows = []
    for name, (_, _, size) in NETWORKS.items():
        for trained in TRAINED:
            for gbit, machines in CASES:
                seconds, numbers = measure(name, trained, gbit, machines)
                rows.append({'network': name, 'trained': trained, 'numbers': numbers, 'batch': size,
                             'Gbit/s': gbit, 'machines': machines, 'seconds': round(seconds, 4)})
                print(rows[-1], flush=True)
    pandas.DataFrame(rows).to_csv(RECORD, index=False)


_OUT = sys.stdout

if __name__ == '__main__':
    sys.stdout = sys.stderr if sys.argv[1:2] in (['server'], ['worker']) else sys.stdout
    sys.exit(status(main, *sys.argv[1:]))
