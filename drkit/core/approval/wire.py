"""The data types of SSH (RFC 4251 section 5), read so that one value has one spelling."""

from __future__ import annotations

from drkit.core.approval.errors import SignatureError

LONGEST_INTEGER = 16_384 // 8 + 1  # bytes; the largest RSA modulus of OpenSSH, with its leading zero


class Reader:
    """Takes values one after the other from bytes.

    Raises:
        SignatureError: from each method, when the bytes do not hold what is asked for.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def take(self, count: int) -> bytes:
        """The next bytes, as they are."""
        end = self._at + count
        if end > len(self._content):
            raise SignatureError("it ends in the middle of a field")
        taken, self._at = self._content[self._at : end], end
        return taken

    def byte(self) -> int:
        """One byte as a number."""
        return self.take(1)[0]

    def uint32(self) -> int:
        """Four bytes, the highest first."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """Bytes after their count."""
        return self.take(self.uint32())

    def text(self) -> str:
        """A string of printable ASCII."""
        raw = self.string()
        if not raw.isascii() or not raw.decode("ascii").isprintable():
            raise SignatureError("a name in it is not plain ASCII")
        return raw.decode("ascii")

    def integer(self) -> int:
        """A positive mpint in its shortest form."""
        raw = self.string()
        if not raw or len(raw) > LONGEST_INTEGER or raw[0] & 0x80:
            raise SignatureError("a number in it is zero, negative or too large")
        value = int.from_bytes(raw, "big")
        if value == 0 or len(raw) != value.bit_length() // 8 + 1:
            raise SignatureError("a number in it is not in its shortest form")
        return value

    def end(self) -> None:
        """Refuse anything that is left."""
        if self._at != len(self._content):
            raise SignatureError("bytes follow after its end")


def string(content: bytes) -> bytes:
    """The bytes after their count."""
    return len(content).to_bytes(4, "big") + content
