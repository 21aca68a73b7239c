"""What can go wrong in the runtime; the docstring is the message's first half.

RuntimeFault
├── Rejected            this record can never work: dead letter
├── DeadLetterLimit     too many of them: stop
├── NotReady            Kafka or Postgres is not there yet, or refuses us
├── Misconfigured       a topic, a broker or a key is not what the catalogue says: refuse to start
├── Fenced              another copy owns our place: leave
└── InDoubt             a transaction's outcome is unknown: settled by taking the slot anew, else by a restart
"""


class RuntimeFault(Exception):
    """Anything that the runtime raises."""


class Rejected(RuntimeFault):
    """This record can never be handled; it goes to the dead letters with the reason."""


class DeadLetterLimit(RuntimeFault):
    """Too many records were rejected; the service stops rather than drain a topic."""


class NotReady(RuntimeFault):
    """A server that we need does not answer."""


class Misconfigured(RuntimeFault):
    """Something outside is not what the catalogue or the settings say."""


class Fenced(RuntimeFault):
    """Another copy has taken this one's place."""


class InDoubt(RuntimeFault):
    """A transaction's outcome is unknown."""
