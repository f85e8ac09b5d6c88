"""Run the command line with ``python -m crossbook``."""

from crossbook.cli.main import main

if __name__ == "__main__":
    main()
