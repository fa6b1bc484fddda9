# Reads what `generate` needs from a shared object, without tools whose output changes.
import struct
import sys


class Elf:
    """As much of a 64-bit little-endian ELF file as is needed here."""

    def __init__(self, path):
        self.path, self.data = path, path.read_bytes()
        if self.data[:6] != b"\x7fELF\x02\x01":
            sys.exit(f"{path}: not a 64-bit little-endian ELF file")
        (start,) = struct.unpack_from("<Q", self.data, 40)
        size, count, names = struct.unpack_from("<3H", self.data, 58)
        heads = [struct.unpack_from("<IIQQQQIIQQ", self.data, start + i * size) for i in range(count)]
        self.sections = {self.text(heads[names][4] + head[0]): head for head in heads}

    def text(self, offset):
        return self.data[offset : self.data.index(0, offset)].decode()

    def offset(self, address):
        for _, kind, _, start, offset, size, *_ in self.sections.values():
            if kind != 8 and start and start <= address < start + size:
                return offset + address - start
        sys.exit(f"{self.path}: nothing at {address:#x}")

    def symbols(self, section, strings):
        if section not in self.sections:
            return {}
        start, size = self.sections[section][4:6]
        strings, out = self.sections[strings][4], {}
        for at in range(start, start + size, 24):
            name, _, _, index, value, length = struct.unpack_from("<IBBHQQ", self.data, at)
            if index:
                out[self.text(strings + name)] = (value, length)
        return out

    def relative(self):
        """What is stored where by R_X86_64_RELATIVE."""
        start, size = self.sections[".rela.dyn"][4:6]
        rows = struct.iter_unpack("<QQq", self.data[start : start + size])
        return {place: addend for place, kind, addend in rows if kind == 8}

    def build_id(self):
        at = self.sections[".note.gnu.build-id"][4]
        return self.data[at + 16 : at + 36].hex()

    def defined_versions(self):
        at, strings, out = self.sections[".gnu.version_d"][4], self.sections[".dynstr"][4], []
        while True:
            auxiliary, following = struct.unpack_from("<II", self.data, at + 12)
            out.append(self.text(strings + struct.unpack_from("<I", self.data, at + auxiliary)[0]))
            if not following:
                return out
            at += following
