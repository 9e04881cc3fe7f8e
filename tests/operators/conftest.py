"""What the tests of commands and of the staff's pages share."""

from tests.rights.conftest import arrived

__all__ = ["arrived"]
