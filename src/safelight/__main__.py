"""`python -m safelight` is the program."""

from safelight.cli import main

if __name__ == "__main__":
    main(prog_name="safelight")
