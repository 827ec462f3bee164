"""`python -m hdr` and the command `hdr`: the words of the command line to its exit code."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line on what was typed."""
    try:
        from hdr.cli.main import run

        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:  # while the command line itself was still being imported
        sys.exit(130)


if __name__ == "__main__":
    main()
