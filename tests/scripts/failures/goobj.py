"""Reads and changes Go archives and objects in place, to make bad input for tests.

A case says `edit FILE <<'PY' ... PY`: the lines run with `a`, the archive, and `o`, its first Go object; what they change
is written back. Layout: cmd/internal/goobj/objfile.go, Go 1.26.
"""
import struct
import sys

BLOCKS = ("autolib pkgidx file symdef hashed64def hasheddef nonpkgdef nonpkgref refflags hash64 hash relocidx auxidx dataidx"
          " reloc aux data refname end").split()
PKG_NONE, PKG_HASHED64, PKG_HASHED, PKG_BUILTIN, PKG_SELF = (0x7fffffff - i for i in range(5))
SYM_SIZE, RELOC_SIZE, AUX_SIZE = 21, 23, 9
R_CALL, R_USETYPE, R_DWARFSECREF, R_INITORDER, R_WEAK = 7, 22, 31, 99, 0x8000
AUX_GOTYPE, AUX_FUNCDATA, AUX_DWARF_INFO = 0, 2, 3


class Object:
    """A Go object in `data`, a bytearray; `text` is what stands before it, "go object ..." on."""

    def __init__(self, data):
        self.data = data
        self.base = data.index(b"\0go120ld")
        self.offsets = dict(zip(BLOCKS, struct.unpack_from("<19I", data, self.base + 20)))

    def block(self, name):
        return self.base + self.offsets[name]

    def size(self, name):
        after = BLOCKS[BLOCKS.index(name) + 1]
        return self.offsets[after] - self.offsets[name]

    def u32(self, at, value=None):
        if value is None:
            return struct.unpack_from("<I", self.data, at)[0]
        struct.pack_into("<I", self.data, at, value & 0xffffffff)

    def string_range(self, at):
        length, offset = struct.unpack_from("<II", self.data, at)
        return self.base + offset, length

    def string(self, at):
        start, length = self.string_range(at)
        return self.data[start:start + length].decode()

    def rename(self, at, text):
        start, length = self.string_range(at)
        assert len(text) == length, (text, length)
        self.data[start:start + length] = text.encode()

    def symbols(self):
        """Records of all five spaces, which lie end to end."""
        first, last = self.block("symdef"), self.block("refflags")
        return [Symbol(self, i, at) for i, at in enumerate(range(first, last, SYM_SIZE))]

    def symbol(self, name, abi=None):
        found = [s for s in self.symbols() if s.name == name and (abi is None or s.abi == abi)]
        assert found, f"no symbol {name}"
        return found[0]

    def at(self, ref):
        """The symbol of this object that a reference names."""
        return next(s for s in self.symbols() if s.ref() == ref)

    def packages(self):
        return [self.block("pkgidx") + i for i in range(0, self.size("pkgidx"), 8)]


class Symbol:
    def __init__(self, o, index, at):
        self.o, self.index, self.at = o, index, at

    name = property(lambda s: s.o.string(s.at))
    abi = property(lambda s: struct.unpack_from("<H", s.o.data, s.at + 8)[0],
                   lambda s, v: struct.pack_into("<H", s.o.data, s.at + 8, v))
    kind = property(lambda s: s.o.data[s.at + 10], lambda s, v: s.o.data.__setitem__(s.at + 10, v))
    flag = property(lambda s: s.o.data[s.at + 11], lambda s, v: s.o.data.__setitem__(s.at + 11, v))
    flag2 = property(lambda s: s.o.data[s.at + 12], lambda s, v: s.o.data.__setitem__(s.at + 12, v))
    size = property(lambda s: s.o.u32(s.at + 13), lambda s, v: s.o.u32(s.at + 13, v))
    align = property(lambda s: s.o.u32(s.at + 17), lambda s, v: s.o.u32(s.at + 17, v))

    def entries(self, index_block, block, size):
        at = self.o.block(index_block) + 4 * self.index
        first, last = self.o.u32(at), self.o.u32(at + 4)
        return [self.o.block(block) + i * size for i in range(first, last)]

    def bytes_at(self):
        """Where its bytes begin."""
        return self.o.block("data") + self.o.u32(self.o.block("dataidx") + 4 * self.index)

    def relocs(self):
        return [Reloc(self.o, at) for at in self.entries("relocidx", "reloc", RELOC_SIZE)]

    def auxs(self):
        return [Aux(self.o, at) for at in self.entries("auxidx", "aux", AUX_SIZE)]

    def ref(self):
        """How relocations of this object name it."""
        for pkg, names in ((PKG_SELF, ("symdef",)), (PKG_HASHED64, ("hashed64def",)), (PKG_HASHED, ("hasheddef",)),
                           (PKG_NONE, ("nonpkgdef", "nonpkgref"))):
            first = (self.o.block(names[0]) - self.o.block("symdef")) // SYM_SIZE
            count = sum(self.o.size(n) for n in names) // SYM_SIZE
            if first <= self.index < first + count:
                return pkg, self.index - first
        raise AssertionError


class Reloc:
    def __init__(self, o, at):
        self.o, self.at = o, at

    offset = property(lambda r: r.o.u32(r.at), lambda r, v: r.o.u32(r.at, v))
    size = property(lambda r: r.o.data[r.at + 4], lambda r, v: r.o.data.__setitem__(r.at + 4, v))
    type = property(lambda r: struct.unpack_from("<H", r.o.data, r.at + 5)[0],
                    lambda r, v: struct.pack_into("<H", r.o.data, r.at + 5, v))
    addend = property(lambda r: struct.unpack_from("<q", r.o.data, r.at + 7)[0],
                      lambda r, v: struct.pack_into("<q", r.o.data, r.at + 7, v))
    target = property(lambda r: struct.unpack_from("<II", r.o.data, r.at + 15),
                      lambda r, v: struct.pack_into("<II", r.o.data, r.at + 15, *v))


class Aux:
    def __init__(self, o, at):
        self.o, self.at = o, at

    type = property(lambda a: a.o.data[a.at], lambda a, v: a.o.data.__setitem__(a.at, v))
    target = property(lambda a: struct.unpack_from("<II", a.o.data, a.at + 1),
                      lambda a, v: struct.pack_into("<II", a.o.data, a.at + 1, *v))


class Archive:
    def __init__(self, data):
        assert data.startswith(b"!<arch>\n")
        self.members = []  # [name, bytearray]
        at = 8
        while at + 60 <= len(data):
            size = int(data[at + 48:at + 58])
            self.members.append([data[at:at + 16].decode().strip(), bytearray(data[at + 60:at + 60 + size])])
            at += 60 + size + size % 2

    def member(self, name):
        return next(m for m in self.members if m[0] == name)

    def pack(self):
        out = bytearray(b"!<arch>\n")
        for name, data in self.members:
            out += f"{name:<16}{0:<12}{0:<6}{0:<6}{644:<8}{len(data):<10}`\n".encode() + data
            if len(data) % 2:
                out += b"\0"
        return bytes(out)


def main():
    path = sys.argv[1]
    with open(path, "rb") as f:
        a = Archive(f.read())
    found = [m for m in a.members if b"\0go120ld" in m[1] and m[0] != "__.PKGDEF"]
    o = Object(found[0][1]) if found else None
    exec(compile(sys.stdin.read(), "edit", "exec"), {**globals(), "a": a, "o": o})
    with open(path, "wb") as f:
        f.write(a.pack())


if __name__ == "__main__":
    main()
