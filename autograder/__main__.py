"""`autograder`, and `python -m autograder`."""

import gc

from autograder.cli import main


def run() -> None:
    """The verbs, with a garbage collector that looks rarely.

    Imports make a million objects that live as long as the process; walking them again and again, and once
    more at the end, takes as long as the imports themselves.
    """
    gc.set_threshold(200_000, 20, 20)
    try:
        main()
    finally:
        gc.freeze()


if __name__ == "__main__":
    run()
