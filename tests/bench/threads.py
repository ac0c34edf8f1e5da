"""Pictures a second in training, on one CPU thread and on all, for the networks of both profiles.

It is why the embedded profile takes one thread and the full profile all of them. MXNet reads the number of
threads once, when it is imported, so each row is a process of its own. Run it on a quiet machine.
"""
import os
import subprocess
import sys
import time

# name, side of the pictures, size of a batch
NETWORKS = (('thin_resnet', 64, 32), ('mobilenet0.25', 224, 32), ('resnet18_v2', 224, 16))
SECONDS = 5


def speed(name, side, size):
    """Pictures a second in training, data loading left out."""
    import d2lhelpers  # first of all, as in a lesson: it lets OMP_NUM_THREADS stand

    from mxnet import autograd, gluon, np, npx

    net = d2lhelpers.backbones.build(name, 2)
    # as the lessons do; static_shape is no faster, and leaves stale running statistics
    net.hybridize(static_alloc=True)
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .01})
    pictures, labels = np.random.uniform(size=(size, 3, side, side)), np.zeros(size, dtype='int32')

    def step():
        with autograd.record():
            loss = d2lhelpers.cross_entropy(net(pictures), labels)
        loss.backward()
        trainer.step(1)
        npx.waitall()

    for _ in range(3):  # the first steps choose and compile
        step()
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        step()
        steps += 1
    return steps * size / (time.perf_counter() - began)


def main():
    # here, so that the measuring processes import d2lhelpers in their own time
    from d2lhelpers.environment import settings

    print(f'{"network":15}{"pictures":>10}{"batch":>7}{"threads":>9}{"pictures/s":>12}')
    for name, side, size in NETWORKS:
        for threads in sorted({1, settings.cores}):
            answer = subprocess.run([sys.executable, __file__, name, str(side), str(size)],
                                    env=os.environ | {'OMP_NUM_THREADS': str(threads)},
                                    stdout=subprocess.PIPE, text=True, check=True)
            print(f'{name:15}{f"{side} x {side}":>10}{size:7}{threads:9}{float(answer.stdout):12.0f}',
                  flush=True)


if __name__ == '__main__':
    print(speed(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
