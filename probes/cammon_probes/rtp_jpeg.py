"""JPEG over RTP (RFC 2435): the headers that the packets leave out, put back."""

# The quantisation tables of RFC 2435 appendix A (ITU-T T.81 annex K.1), in zigzag order.
_LUMA = bytes.fromhex(
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933383740485c4e404457453738506d5157"
    "5f626768673e4d71797064785c656763"
)
_CHROMA = bytes.fromhex("1112121815182f1a1a2f6342384263") + bytes([99]) * 49

# The Huffman tables of ITU-T T.81 annex K.3: class and id, sixteen counts, symbols.
_HUFFMAN = (
    (0x00, "00010501010101010100000000000000", "000102030405060708090a0b"),
    (
        0x10,
        "0002010303020403050504040000017d",
        "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a"
        "3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a929394"
        "95969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8"
        "e9eaf1f2f3f4f5f6f7f8f9fa",
    ),
    (0x01, "00030101010101010101010000000000", "000102030405060708090a0b"),
    (
        0x11,
        "00020102040403040705040400010277",
        "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728"
        "292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92"
        "939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7"
        "e8e9eaf2f3f4f5f6f7f8f9fa",
    ),
)
LARGEST_SCAN = 16 * 1024 * 1024


class JpegScan:
    """Collects the packets of one picture."""

    def __init__(self) -> None:
        self._head = b""
        self._scan = bytearray()

    def add(self, payload: bytes) -> bool:
        """Takes one packet; False when the picture can no longer be made."""
        if len(payload) < 9:
            return False
        offset, kind, quality = int.from_bytes(payload[1:4]), payload[4], payload[5]
        width, height = 8 * payload[6], 8 * payload[7]
        position, restart = 8, 0
        if 64 <= kind < 128:
            restart, position = int.from_bytes(payload[8:10]), 12
        if offset == 0:
            tables, position = _tables(payload, position, quality)
            if not tables or not width or not height or kind % 64 > 1:
                return False
            self._head = _header(kind % 64, width, height, tables, restart)
        if offset != len(self._scan) or len(self._scan) > LARGEST_SCAN:
            return False
        self._scan += payload[position:]
        return True

    def picture(self) -> bytes | None:
        """The JPEG file, None before its first packet came."""
        if not self._head:
            return None
        tail = b"" if self._scan.endswith(b"\xff\xd9") else b"\xff\xd9"
        return self._head + bytes(self._scan) + tail


def _tables(payload: bytes, position: int, quality: int) -> tuple[list[bytes], int]:
    """The quantisation tables: sent with the packet (quality 128 and above) or made from a quality of 1 to 99."""
    if quality >= 128:
        size = int.from_bytes(payload[position + 2 : position + 4])
        data = payload[position + 4 : position + 4 + size]
        if size not in (64, 128) or len(data) != size:
            return [], position
        return [data[:64], data[-64:]], position + 4 + size
    if not 1 <= quality <= 99:
        return [], position
    factor = 5000 // quality if quality < 50 else 200 - 2 * quality
    scaled = [bytes(min(255, max(1, (value * factor + 50) // 100)) for value in table) for table in (_LUMA, _CHROMA)]
    return scaled, position


def _segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2) + data


def _header(kind: int, width: int, height: int, tables: list[bytes], restart: int) -> bytes:
    """Everything up to the scan; kind 0 is 4:2:2, kind 1 is 4:2:0."""
    frame = bytes([8]) + height.to_bytes(2) + width.to_bytes(2) + bytes([3, 1, 0x21 + kind, 0, 2, 0x11, 1, 3, 0x11, 1])
    parts = [b"\xff\xd8"]
    parts += [_segment(0xDB, bytes([index]) + table) for index, table in enumerate(tables)]
    if restart:
        parts.append(_segment(0xDD, restart.to_bytes(2)))
    parts.append(_segment(0xC0, frame))
    parts += [_segment(0xC4, bytes([key]) + bytes.fromhex(counts + symbols)) for key, counts, symbols in _HUFFMAN]
    parts.append(_segment(0xDA, bytes([3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0])))
    return b"".join(parts)
