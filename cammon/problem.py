"""The one exception that reaches a person: wrong input, said in clear lines, exit status 2."""


class UserError(Exception):
    """Something the person can put right. Each line is one fault with its remedy."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
