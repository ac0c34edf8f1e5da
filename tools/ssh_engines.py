"""``make ssh-engines``: ipyparallel's launcher for SSH against a server of SSH on this machine.

The server has a folder, a port of 127.0.0.1, a host key and a user key of its own, and ends with the command.
Two names stand for two machines. Nothing of ``~/.ssh`` is read or written.
"""
import contextlib
import getpass
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from . import far_engines
from .command import status

_PRIVILEGES = Path('/run/sshd')  # where it is root, sshd wants this empty folder
_SERVER = '''\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
# the folder of this command is in one that all may write to
StrictModes no
Subsystem sftp internal-sftp
SetEnv IPYTHONDIR={folder}/far-ipython
'''
_CLIENT = '''\
Host node1 node2
    HostName 127.0.0.1
    Port {port}
    User {user}
    IdentityFile {folder}/user
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known
    StrictHostKeyChecking accept-new
    BatchMode yes
'''


@contextlib.contextmanager
def server(folder):
    """A server of SSH; the configuration for its clients is ``folder/client``."""
    sshd, keygen, ssh, _ = far_engines.found('sshd', 'ssh-keygen', 'ssh', 'scp',
                                             package='openssh-server openssh-client')
    port = far_engines.free_port()
    for key in ('host', 'user'):
        subprocess.run([keygen, '-q', '-t', 'ed25519', '-N', '', '-f', folder / key], check=True)
    for name, text in (('server', _SERVER), ('client', _CLIENT)):
        (folder / name).write_text(text.format(port=port, folder=folder, user=getpass.getuser()))
    made = os.geteuid() == 0 and not _PRIVILEGES.exists()
    if made:
        _PRIVILEGES.mkdir(mode=0o755)
    process = subprocess.Popen([sshd, '-D', '-f', folder / 'server', '-E', folder / 'log'],
                               stdin=subprocess.DEVNULL)
    try:
        answers = [ssh, '-F', folder / 'client', 'node1', 'true']
        far_engines.wait_for(lambda: subprocess.run(answers, stderr=subprocess.DEVNULL).returncode == 0,
                             'Nobody could log in', folder / 'log')
        print(f'sshd listens on 127.0.0.1, port {port}')
        yield
    finally:
        process.terminate()
        process.wait()
        if made:
            _PRIVILEGES.rmdir()


def main():
    """Two engines, each on a machine of its own by name."""
    with tempfile.TemporaryDirectory() as name, server(Path(name)):
        os.environ['IPYTHONDIR'] = f'{name}/ipython'
        import ipyparallel

        cluster = ipyparallel.Cluster(engines='ssh', n=2, controller_ip='127.0.0.1',
                                      controller_location='127.0.0.1', log_level=logging.ERROR)
        far = cluster.config.SSHEngineSetLauncher
        far.engines = {'node1': 1, 'node2': 1}
        far.remote_python = sys.executable
        far.remote_profile_dir = f'{name}/far-profile'
        far.ssh_args = far.scp_args = ['-F', f'{name}/client']
        far_engines.check(cluster, 2, 'SSH_CONNECTION')


if __name__ == '__main__':
    sys.exit(status(main))
