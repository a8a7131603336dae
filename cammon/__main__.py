"""`python -m cammon`."""

from cammon.cli import main

if __name__ == "__main__":
    main()
