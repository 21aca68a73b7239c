"""Runs before a child's program: drops the user, asks the kernel to end the child with its supervisor, execs.

A script of its own, run with `-I -S`: the request must follow the change of user, which clears it, and code
between fork and exec is unsafe where there are threads.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Arguments: supervisor's pid, signal at its death, user or `-`, then the command."""
    supervisor, signal, user, *command = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)  # loaded before the change of user, which may hide the library
    os.umask(0o077)
    if user != "-":
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if sys.platform == "linux" and libc.prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != int(supervisor):
        sys.exit("the supervisor is gone")  # it died before the request was made
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
