"""What can go wrong with the local stack; each docstring is the sentence that a person reads."""


class LocalError(Exception):
    """The local stack cannot do that."""

    def __init__(self, **facts: object) -> None:
        """Fill the class's docstring with `facts`."""
        super().__init__(" ".join((type(self).__doc__ or "").split()).format(**facts))


class AlreadyRunningError(LocalError):
    """{data_dir} is in use by process {pid}; end it with `academy stop`, or choose another folder by
    ACADEMY_DATA_DIR."""


class NotRunningError(LocalError):
    """Nothing runs on {data_dir}; start the local system with `make run`."""


class StopTimedOutError(LocalError):
    """Process {pid} has not ended within {seconds:.0f} s; look at the files in {logs}, then end it with
    `kill -9 {pid}`."""


class ForeignFolderError(LocalError):
    """{data_dir} belongs to user id {owner} and this is user id {user}; run as its owner or choose another
    folder by ACADEMY_DATA_DIR."""


class MixedFolderError(LocalError):
    """{data_dir} holds files that the local stack did not make, so it is not removed; remove by hand what
    you can spare."""


class UserMissingError(LocalError):
    """PostgreSQL never runs as root and this machine has no user `{user}`; run as an ordinary user."""


class PortBusyError(LocalError):
    """Port {port} of ACADEMY_PORT is in use; choose another, or leave ACADEMY_PORT out to take the next free
    one."""


class NoPortFreeError(LocalError):
    """No free port was found from {first} to {last}; end what listens there."""


class JarUnavailableError(LocalError):
    """{jar} could not be fetched ({reason}); check the network or the repositories of jgo's configuration,
    then start again."""


class JarMismatchError(LocalError):
    """{jar} has SHA-256 {found} and {expected} is listed in {listing}; it was thrown away:
    check who serves it, then start again."""


class FormatFailedError(LocalError):
    """{what} could not prepare its folder {folder}: {reason}"""


class OtherVersionError(LocalError):
    """{folder} was written by {what} {found} and this is {expected}; use the release that wrote it, or
    remove the data with `make clean-data`."""


class DataGoneError(LocalError):
    """{folder} is marked as prepared and its data is gone; put the data back, or start afresh with `make
    clean-data`."""


class StillServedError(LocalError):
    """{folder} is served by a PostgreSQL that this stack did not start (process {pid}); end it, then start
    again."""


class UnreachableError(LocalError):
    """{what} at {address} did not answer within {seconds:.0f} s (ACADEMY_START_DEADLINE): {reason}; start
    it, or leave {variable} out to use the embedded one."""


class KeepsFailingError(LocalError):
    """{name} was started {starts} times and never got ready ({reason}), so everything was stopped; its log
    is {log} and ends:{tail}"""


class StoppedEarlyError(LocalError):
    """The local stack ended while {name} was starting or running; what went wrong is printed above."""
