"""Several workers: one training, the same network on each, and nobody waits for ever.

Each test starts processes; most are `long`. A worker waits for the others for PATIENCE seconds.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from d2lhelpers import CourseError, machines, waiting

import numpy
import pytest
from workers import trained

from tools.far_engines import alive

PATIENCE = 20
WORKER = [sys.executable, str(Path(__file__).with_name('workers.py'))]
SILENT = f'have not answered for {PATIENCE} s'


class Worker:
    def __init__(self, job, code, patience):
        environment = {**os.environ, 'D2LHELPERS_PATIENCE': str(patience), 'OMP_NUM_THREADS': '1'}
        self._process = subprocess.Popen([*WORKER, json.dumps(job), code], text=True, env=environment,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.pid = self._process.pid

    def end(self):
        """What it printed, the result as a dict, and its status."""
        self.said, _ = self._process.communicate(timeout=240)
        last = self.said.strip().rpartition('\n')[2]
        self.result = json.loads(last) if last.startswith('{') else {}
        self.status = self._process.returncode
        return self


def started(n, code='', patience=PATIENCE):
    server = machines.serve(workers=n)
    return server, [Worker(server.environment, code, patience) for _ in range(n)]


def together(n, code='', patience=PATIENCE):
    """n workers, by rank where they got one, after their end; scheduler and servers have ended too, or are
    ended here.
    """
    server, workers = started(n, code, patience)
    try:
        ended = [worker.end() for worker in workers]
        if all(worker.status == 0 for worker in ended):
            wait_for(lambda: not server.running)
        return ended
    finally:
        server.stop()


def wait_for(condition, seconds=15):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, 'it did not come'
        time.sleep(.1)


def apart(a, b):
    return float(abs(numpy.array(a['weights']) - numpy.array(b['weights'])).max())


# --- the same as one worker

def test_two_workers_train_the_network_of_one(capsys):
    one, two = (worker.result for worker in together(2, 'build = False'))
    alone = trained(None, 'build = False')
    assert one['bits'] == two['bits'] and one['accuracy'] == two['accuracy']
    assert numpy.allclose(alone['accuracy'], one['accuracy'], atol=1e-6)
    assert apart(alone, one) < 1e-5 and numpy.allclose(alone['loss'], one['loss'], atol=1e-5)
    assert alone['loss'][-1] < alone['loss'][0]


@pytest.mark.long
def test_three_workers_with_shares_of_different_size(capsys):
    first, *others = (worker.result for worker in together(3, 'size = 17'))
    assert {other['bits'] for other in others} == {first['bits']}
    assert apart(trained(None, 'size = 17'), first) < 1e-5


@pytest.mark.long
def test_convolutions_that_were_used_before(capsys):
    """Used, their weights are in oneDNN's layout; MXNet's own start then waits for ever."""
    code = "layers = [nn.Conv2D(16, 5, strides=2), nn.GlobalAvgPool2D()]\nshape = 3, 32, 32"
    one, two = (worker.result for worker in together(2, code))
    assert one['bits'] == two['bits'] and apart(trained(None, code), one) < 1e-5


@pytest.mark.long
def test_batch_normalisation_is_the_same_on_all_workers_and_not_that_of_one(capsys):
    code = 'layers = [nn.Dense(16), nn.BatchNorm(), nn.Activation("relu")]'
    one, two = (worker.result for worker in together(2, code))
    assert one['bits'] == two['bits'] and apart(trained(None, code), one) > 1e-3


@pytest.mark.long
def test_workers_that_begin_with_other_weights_train_those_of_the_first():
    one, two = (worker.result for worker in together(2, 'luck = rank'))
    assert one['bits'] == two['bits']


@pytest.mark.long
def test_a_second_fit_goes_on_with_the_weights_of_the_first_worker(capsys):
    code = 'between = lambda net: net[0].weight.set_data(net[0].weight.data() * (1 + rank))'
    one, two = (worker.result for worker in together(2, code))
    assert one['bits'] == two['bits'] and apart(trained(None, code), one) < 1e-5


TRAP = '''
def main(kv):
    import mxnet as mx
    wrong = {False: 0, True: 0}
    for number in range(80):
        wait = number % 2 == 1
        shapes = [(64, 64, 3) if i % 3 == 0 else (200,) for i in range(60)]
        weights, gradients = ([mx.nd.ones(shape) * value for shape in shapes] for value in (7, .001))
        mx.nd.waitall()
        for i, weight in enumerate(weights):
            kv.broadcast(1000 * number + i, weight, weight)
        if wait:
            mx.nd.waitall()
        for i, gradient in enumerate(gradients):
            kv.pushpull(1000 * number + i, gradient, priority=-i)
        mx.nd.waitall()
        wrong[wait] += any(abs(weight.asnumpy() - 7).max() > .1 for weight in weights)
    print(json.dumps({'at once': wrong[False], 'after waiting': wrong[True]}))
    machines.leave(kv)
'''


@pytest.mark.long
def test_the_first_gradients_wait_for_the_first_weights():
    """MXNet alone: in 14 of 120 beginnings a worker took a sum of gradients for its weights (measured, two
    workers, 60 arrays); so of 80 beginnings none would be luck of 1 in 20,000. `Team` waits: none of 80.
    """
    found = [worker.result for worker in together(2, TRAP)]
    assert sum(each['at once'] for each in found) > 0
    assert sum(each['after waiting'] for each in found) == 0


# --- faults: a sentence on every worker, and an end

def test_a_worker_that_is_alone_says_what_is_missing():
    began = time.monotonic()
    job = {'DMLC_PS_ROOT_URI': '127.0.0.1', 'DMLC_PS_ROOT_PORT': '9', 'DMLC_NUM_WORKER': '2',
           'DMLC_NUM_SERVER': '1'}
    worker = Worker(job, '', 2).end()
    assert 'No training began within 2 s: scheduler, server and all 2 workers must be started' in worker.said
    assert 'port 9' in worker.said and worker.status and time.monotonic() - began < 60


ONE_AFTER_THE_OTHER = '''
def main(kv):
    def told(call, *args, **more):
        try:
            call(*args, **more)
        except CourseError as error:
            print(error)
    told(machines.join, {})
    told(trained, kv, 'options = {}')
    first = trained(kv)
    told(trained, kv)
    machines.leave(kv)
    told(lambda: kv.rank)
    told(machines.join, {'DMLC_PS_ROOT_URI': ''})
    server = machines.serve(workers=1)
    again = machines.join(server.environment)
    print(json.dumps({'same': trained(again)['bits'] == first['bits'] == trained(None)['bits']}))
    # it does not leave: that happens at the end
'''


def test_one_process_is_one_worker_after_another():
    worker, = together(1, ONE_AFTER_THE_OTHER)
    for sentence in ('is a worker already', 'needs update_on_kvstore=False', 'has a trainer already',
                     'has left its training', 'but DMLC_NUM_SERVER, DMLC_NUM_WORKER, DMLC_PS_ROOT_PORT is'):
        assert sentence in worker.said
    assert worker.result == {'same': True} and worker.status == 0


@pytest.mark.long
@pytest.mark.parametrize('code, sentence', [
    ('epochs = 3 + rank', 'epochs, others for more or fewer'),
    ('size = 16 * (1 + rank)', 'batches in an epoch, others have more or fewer'),
    ('layers = [nn.Dense(16 + rank, "relu")]', 'have different networks'),
    ('seed = rank', 'draw their batches in different orders')])
def test_workers_that_do_not_fit_together_all_say_so_before_they_begin(code, sentence):
    for worker in together(2, code):
        assert f'CourseError: {worker.said.partition("CourseError: ")[2]}' in worker.said
        assert sentence in worker.said and worker.status == 1


AT_A_STEP = 'step = lambda p: {} if rank == 1 and p > .4 else None'
# when the others know its share already and wait for its gradients
AFTER_THE_SUM = '''
def dies(self, *args, real=gluon.Trainer.step, count=[]):
    count.append(1)
    if rank == 1 and len(count) == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    real(self, *args)
gluon.Trainer.step = dies
'''


@pytest.mark.long
@pytest.mark.parametrize('code, said', [
    (AT_A_STEP.format('os.kill(os.getpid(), signal.SIGKILL)'), ''),
    (AT_A_STEP.format('1 / 0'), 'ZeroDivisionError'),
    (AFTER_THE_SUM, '')], ids=['killed', 'error', 'between'])
def test_when_one_worker_dies_the_others_say_so_and_end(code, said):
    workers = together(3, code)
    silent = [worker for worker in workers if SILENT in worker.said]
    assert len(silent) == 2 and all(worker.status == 1 for worker in silent)
    other, = {*workers} - {*silent}
    assert other.status and ('ZeroDivisionError' in other.said) == bool(said)


@pytest.mark.long
def test_no_loss_on_one_worker_ends_all_with_the_same_weights():
    workers = together(2, 'factor = float("nan") if rank == 1 else 1')
    assert [worker.result['diverged'] for worker in workers] == [True, True]
    assert len({worker.result['bits'] for worker in workers}) == 1
    assert sum('Training stopped: the loss is nan' in worker.said for worker in workers) == 1


@pytest.mark.long
@pytest.mark.parametrize('pressed', ['rank == 1', 'True'], ids=['one', 'all'])
def test_a_press_stops_all_after_the_same_update(pressed):
    workers = together(2, 'epochs = 50\n'
                       f'step = lambda p: os.kill(os.getpid(), signal.SIGINT) if {pressed} and .5 < p < .504 '
                       'else None')
    assert [worker.result['interrupted'] for worker in workers] == [True, True]
    assert len({worker.result['bits'] for worker in workers}) == 1
    assert sum('Interrupted after' in worker.said for worker in workers) == 1


PRESSED_ONCE = '''
def main(kv):
    press = ('epochs = 50\\n'
             'step = lambda p: os.kill(os.getpid(), signal.SIGINT) if rank == 1 and .5 < p < .504 else None')
    first = trained(kv, press)
    machines.leave(kv)
    again = machines.join({job})
    print(json.dumps({{**trained(again), 'before': first['interrupted']}}))
    machines.leave(again)
'''


@pytest.mark.long
def test_after_a_press_the_same_processes_train_again(capsys):
    server = machines.serve(workers=2)
    try:
        workers = together(2, PRESSED_ONCE.format(job=server.environment))
        assert all(worker.result['before'] and not worker.result['interrupted'] for worker in workers)
        assert {worker.result['bits'] for worker in workers} == {together(2)[0].result['bits']}
    finally:
        server.stop()


@pytest.mark.long
def test_two_trainings_at_once_do_not_meet():
    (one, first), (other, second) = started(2, 'seed = 3'), started(2, 'seed = 4')
    try:
        bits = [{worker.end().result['bits'] for worker in workers} for workers in (first, second)]
    finally:
        one.stop(), other.stop()
    assert [len(each) for each in bits] == [1, 1] and bits[0] != bits[1]


@pytest.mark.long
def test_the_stop_button_ends_the_wait_for_others():
    server = machines.serve(workers=2)
    try:
        worker = Worker(server.environment, '', 200)
        time.sleep(20)  # until it waits
        os.kill(worker.pid, signal.SIGINT)
        began = time.monotonic()
        assert 'KeyboardInterrupt' in worker.end().said and time.monotonic() - began < 20
    finally:
        server.stop()


def test_scheduler_and_server_end_with_the_process_that_started_them():
    code = ('from d2lhelpers import machines\nimport time\nserver = machines.serve(workers=1)\n'
            'print(*(each.pid for each in server._processes), flush=True)\ntime.sleep(200)')
    parent = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(alive(pid) for pid in pids), seconds=60)


ENGINES = '''
import os, time
from d2lhelpers import machines
client = machines.engines(2)
print(client.cluster.controller.pid, *client[:].apply_sync(os.getpid), flush=True)
time.sleep(200)
'''


@pytest.mark.long
def test_engines_and_their_controller_end_with_the_process_that_started_them():
    parent = subprocess.Popen([sys.executable, '-c', ENGINES], stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 3 and all(map(alive, pids))
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(alive(pid) for pid in pids), seconds=60)


@pytest.mark.parametrize('call, sentence', [
    ({'workers': 0}, 'workers=0'), ({'workers': 2, 'servers': 1.5}, 'servers=1.5'),
    ({'workers': 2, 'address': '192.0.2.1'}, 'No server can listen on 192.0.2.1, port any'),
    ({'workers': 2, 'port': 1 << 17}, 'No server can listen')])
def test_a_server_that_cannot_be(call, sentence):
    with pytest.raises(CourseError, match=sentence):
        machines.serve(**call)


def test_a_port_that_another_training_has():
    server = machines.serve(workers=1)
    try:
        port = int(server.environment['DMLC_PS_ROOT_PORT'])
        wait_for(lambda: taken(port), seconds=60)
        with pytest.raises(CourseError, match=f'No server can listen on 127.0.0.1, port {port} '):
            machines.serve(workers=1, port=port)
    finally:
        server.stop()


def taken(port):
    with socket.socket() as trial:
        try:
            trial.bind(('127.0.0.1', port))
        except OSError:
            return True
    return False


@pytest.mark.parametrize('text', ['0', 'long', '-1', 'nan'])
def test_a_patience_that_is_none(monkeypatch, text):
    monkeypatch.setenv('D2LHELPERS_PATIENCE', text)
    with pytest.raises(CourseError, match=f"D2LHELPERS_PATIENCE is '{text}'"):
        waiting.patience()
