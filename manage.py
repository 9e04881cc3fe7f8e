#!/usr/bin/env python
"""Django's command line for Colibox."""

import json
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

WRONG_CALL, INTERRUPTED = 2, 130


def main() -> None:
    """Run a command; what is wrong with the environment is said in its sentences."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "colibox.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as faults:
        if "--json" in sys.argv:
            sys.stdout.write(json.dumps({"refused": str(faults)}, ensure_ascii=False) + "\n")
        sys.stderr.write(f"{faults}\n")
        sys.exit(WRONG_CALL)
    except KeyboardInterrupt:  # before the command itself began, which says more
        sys.stderr.write("Interrupted: nothing was changed.\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
