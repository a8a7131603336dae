"""Reading bits and Exp-Golomb numbers of a video header (ITU-T H.264 section 9.1)."""


class Bits:
    """A cursor over bits, most significant first. Raises `EOFError` past the end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data)
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """The next `count` bits as a number."""
        if count > self._left:
            raise EOFError
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def unsigned(self) -> int:
        """ue(v)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise EOFError
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """se(v)."""
        code = self.unsigned()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def payload(nal: bytes) -> bytes:
    """A NAL unit without its emulation prevention bytes."""
    return nal.replace(b"\x00\x00\x03", b"\x00\x00")
