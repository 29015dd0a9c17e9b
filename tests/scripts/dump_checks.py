"""What `dovetail dump --json` says against what other programs say: dump_checks.py CHECK,... ARGS... (see dump_test.sh).

Each check reads the document from stdin, and fails at the first difference.
"""
import collections
import json
import re
import subprocess
import sys


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, errors="replace").stdout


def same(ours, theirs, what):
    for i, (a, b) in enumerate(zip(ours, theirs)):
        assert a == b, "%s %d: ours %r, theirs %r" % (what, i, a, b)
    assert len(ours) == len(theirs), "%s: ours %d, theirs %d" % (what, len(ours), len(theirs))
    assert ours, what + ": nothing to compare"


def schema(members, path):
    import jsonschema

    with open(path) as f:
        validator = jsonschema.Draft202012Validator(json.load(f))
    validator.check_schema(validator.schema)
    for error in validator.iter_errors(members):
        where = "/".join(map(str, error.absolute_path))
        raise AssertionError("%s: %s %s" % (where, error.message[:300], [e.message[:200] for e in error.context]))
    print(" ".join(sorted(set().union(*members))))


def symbols(members, nm, path):
    """Definitions and references are those of go tool nm."""
    letters = {"T": "text", "R": "rodata", "D": "data", "B": "bss", "?": ""}
    theirs, undefined = collections.Counter(), set()
    for line in run(nm, "-size", path).splitlines():
        line = line.split("\t", 1)[-1]
        m = re.match(r" *([0-9a-f]*) +(-?\d+) (.) (.*)$", line)
        if m[3] == "U":
            undefined.add(m[4])
        else:
            theirs[m[4].removesuffix("<1>"), int(m[2]), m[3].upper() if m[3] != "_" else "?"] += 1
    ours, referred = collections.Counter(), set()
    for member in members:
        for d in member["definitions"]:
            if d["name"].startswith("#"):
                continue
            kind = d["kind"].removesuffix("fips").removeprefix("noptr")
            kind = "bss" if kind == "tlsbss" else kind
            letter = next((k for k, v in letters.items() if v == kind), "?")
            ours[d["name"], d["size"], letter] += 1
        # nm lists no built-in functions; what has no name in its own package (debug information) is "package.#number" here.
        referred |= {r["name"] for r in member["references"]
                     if r["by"] != "builtin" and not re.match(r"[^ ]*#\d+$", r["name"])}
    assert ours == theirs, "definitions: only ours %r, only theirs %r" % (list((ours - theirs))[:5], list((theirs - ours))[:5])
    assert referred == undefined - {""}, "references: %r" % sorted(referred ^ undefined)[:8]


def relocations(members, path):
    """Relocations are those that go tool compile -S prints."""
    # A weak relocation is listed by a number, the type's less 32,768.
    numbers = {-32768 + n: name for n, name in ((1, "R_ADDR"), (5, "R_ADDROFF"), (7, "R_CALL"))}
    theirs, current = {}, None
    for line in open(path, errors="replace"):
        m = re.match(r"\trel (\d+)\+(\d+) t=(?:(R_\w+)|RelocType\((-\d+)\)) (.*)\+(-?\d+)$", line.rstrip("\n"))
        if m:
            theirs[current].append((int(m[1]), int(m[2]), m[3] or numbers[int(m[4])], not m[3], m[5], int(m[6])))
            continue
        m = re.match(r"(\S.*?) (S[A-Z]+)(?: |$)", line)
        if m and " size=" in line:
            current = m[1]
            theirs.setdefault(current, [])
    theirs = {k: v for k, v in theirs.items() if v}
    ours = {s["symbol"]: [(r["offset"], r["size"], r["type"], r["weak"], r["target"], r["addend"]) for r in s["relocations"]]
            for s in members[0]["relocations"]}
    checked = 0
    for name, relocs in theirs.items():
        if not name.startswith(("main.", "type:", "go:itab")) or name not in ours:
            continue
        # The listing has them by offset, in an order of its own where that is the same.
        same(sorted(ours[name]), sorted(relocs), name)
        checked += len(relocs)
    assert checked > 100, checked


def code(members, objdump, path, function):
    """Addresses, bytes, file and line of a function are those of go tool objdump; so are the functions called, and where
    jumps within the function lead."""
    theirs, jumps = [], {}
    for line in run(objdump, "-s", "^%s$" % re.escape(function), path).splitlines():
        m = re.match(r"  (\S+):(\d+)\t+0x([0-9a-f]+)\t+([0-9a-f]+)\t+(.*)$", line)
        if m:
            call = re.match(r"(?:CALL|JMP) (\S+)\(SB\)", m[5])
            relocs = re.findall(r"\[\d+:\d+\](R_\w+)", m[5])
            if jump := re.match(r"J\w+ 0x([0-9a-f]+)$", m[5]):
                jumps[int(m[3], 16)] = int(jump[1], 16)
            # Of arm64 it prints words.
            octets = bytes.fromhex(m[4])[::-1].hex() if path == "arm64" else m[4]
            theirs.append((int(m[3], 16), octets, m[1], int(m[2]), call[1] if call else None, relocs))
    listing = members[0]["disassembly"][0]["instructions"]
    base = theirs[0][0] - listing[0]["address"]
    ours = []
    for i, want in zip(listing, theirs):
        called = i["target"] if want[4] is not None else None
        ours.append((i["address"] + base, i["bytes"], i["file"].split("/")[-1], i["line"], called,
                     [r["type"] for r in i["relocations"]]))
    if members[0]["format"] not in ("elf", "macho", "pe"):
        for i in listing:
            for r in i["relocations"]:
                assert r["type"] != "R_CALL" or i["target"] == r["target"], i
            to = jumps.get(i["address"] + base)
            assert to is None or i["target"] == function + ("+%#x" % (to - base) if to != base else ""), (i, to)
        ours = [o[:4] + (None, o[5]) for o in ours]
        theirs = [t[:4] + (None, t[5]) for t in theirs]
        assert function != "main.work" or sum(len(o[5]) for o in ours) > 5
    same(ours, theirs, function)


def source(members, function, *files):
    """Lines have the text that they have in these files: NAME=PATH, the name being the end of the line table's; no others have any."""
    files = dict(f.split("=", 1) for f in files)
    found = collections.Counter()
    for i in members[0]["disassembly"][0]["instructions"]:
        path = next((p for name, p in files.items() if i["file"].endswith(name)), None)
        want = None if path is None else open(path).read().split("\n")[i["line"] - 1]
        assert i["source"] == want, (i, want)
        found[path] += 1
    assert members[0]["disassembly"][0]["name"] == function and all(found[p] for p in files.values()), found


def functab(members, nm, path):
    """Names and addresses of functions are in the symbol table, and all its functions are here."""
    theirs = set()
    for line in run(nm, path).splitlines():
        m = re.match(r" *([0-9a-f]+) ([Tt]) (.*)$", line)
        if m:
            theirs.add((int(m[1], 16), m[3]))
    ours = [(f["address"], f["name"]) for f in members[0]["functab"]]
    marks = re.compile(r"(runtime\.e?text|go:textfips(start|end)|go:link.*)$")
    have = {address for address, _ in ours}
    missing = [t for t in theirs if t[0] not in have and not marks.match(t[1])]
    assert not missing, missing[:5]
    names = collections.defaultdict(set)
    for address, name in theirs:
        names[address].add(re.sub(r"\.abi(0|internal)$", "", re.sub(r"\[.*\]", "[...]", name)))
    # The symbol table has "." for the runtime's middle dot.
    wrong = [o for o in ours if re.sub(r"\[.*\]", "[...]", o[1]).replace("·", ".") not in names[o[0]]]
    assert not wrong and len(ours) > 1000, wrong[:5]
    assert [f["address"] for f in members[0]["functab"]] == sorted(f["address"] for f in members[0]["functab"])


def buildinfo(members, path):
    """The lines of go version -m."""
    b = members[0]["buildinfo"]
    lines = ["%s: %s" % (path, b["go"])]
    if b["path"]:
        lines.append("\tpath\t" + b["path"])
    lines += ["\t%s\t%s\t%s\t%s" % (m["kind"], m["path"], m["version"], m["sum"]) for m in b["modules"]]
    lines += ["\tbuild\t%s=%s" % (s["key"], s["value"]) for s in b["settings"]]
    same(lines, run("go", "version", "-m", path).splitlines(), "line")


def headers(members, path):
    """Segments and sections are readelf's."""
    theirs = [(m[1].lower(), *[int(x, 16) for x in m.groups()[1:5]])
              for m in re.finditer(r"^  (\w+) +0x(\w+) 0x(\w+) 0x\w+ 0x(\w+) 0x(\w+)", run("readelf", "-lW", path), re.M)]
    ours = [(s["type"], s["offset"], s["address"], s["file_size"], s["memory_size"]) for s in members[0]["segments"]]
    same(ours, theirs, "segment")
    theirs = [(m[1].strip(), *[int(x, 16) for x in m.groups()[2:5]], int(m[6], 16))
              for m in re.finditer(r"^  \[ *\d+\] (.{17}\S*) +(\w+) +(\w+) (\w+) (\w+) (\w+) ", run("readelf", "-SW", path), re.M)]
    ours = [(s["name"], s["address"], s["offset"], s["size"], s["entry_size"]) for s in members[0]["sections"]]
    same(ours, theirs, "section")


def links(members, nm, path):
    """Itabs are those of the symbol table; typelinks are sorted by the types' strings, as reflection wants them."""
    theirs = sorted(line.split(" R ", 1)[1] for line in run(nm, path).splitlines() if " R go:itab." in line)
    listed = sorted(i["name"] for i in members[0]["itabs"])
    assert listed and set(listed) <= set(theirs), set(listed) - set(theirs)
    for itab in members[0]["itabs"]:
        # A type's own string has the package's name, a symbol's the package's path.
        assert re.sub(r"[\w.-]+/", "", itab["name"].removeprefix("go:itab.")) == "%s,%s" % (itab["type"].removeprefix("type:"), itab["interface"].removeprefix("type:")), itab
        assert itab["methods"], itab
    types = [t["type"] for t in members[0]["typelinks"]]
    assert len(types) > 100 and types == sorted(types) and all(t.startswith("type:") for t in types)


def types(members, program):
    """Sizes, kinds and fields of types are what the program itself finds by reflection: lines of words."""
    table = {t["name"]: t for t in members[0]["types"]}
    assert len(table) > 100 or program == "-"
    for line in run(program).splitlines():
        name, *facts = line.split("\t")
        t = table["type:" + name]
        fields = {f["field"]: f for f in t["fields"]}
        ours = [t["kind"].replace("pointer", "ptr"), str(fields["size"]["value"]), str(fields["align"]["value"])]
        ours += [fields[f]["meaning"].removeprefix("type:.namedata.") for f in fields if re.match(r"field\[\d+\]\.name$", f)]
        ours += [str(fields[f]["value"]) for f in fields if re.match(r"field\[\d+\]\.offset$", f)]
        ours += [fields[f]["meaning"] for f in fields if re.match(r"method\[\d+\]\.name$", f)]
        same(ours, facts, name)


def entries(members, path):
    """Debug entries are those that readelf decodes: offset, depth, tag."""
    theirs = [(int(m[1]), int(m[2], 16), m[3])
              for m in re.finditer(r"^ *<(\d+)><(\w+)>: Abbrev Number: \d+ \((\w+)\)", run("readelf", "--debug-dump=info", path), re.M)]
    ours = [(e["depth"], e["offset"], e["tag"]) for u in members[0]["dwarf"] for e in u["entries"]]
    same(ours, theirs, "entry")
    names = [m[1] for m in re.finditer(r"^ *<\w+> +DW_AT_name +: (?:\(.*?\): )?(.*?)\s*$", run("readelf", "--debug-dump=info", path), re.M)]
    listed = [a["value"] for u in members[0]["dwarf"] for e in u["entries"] for a in e["attributes"] if a["name"] == "DW_AT_name"]
    same(listed, names, "name")


def lines(members, path):
    """The line table is the one that objdump decodes."""
    theirs = []
    for line in run("objdump", "--dwarf=decodedline", path).splitlines():
        m = re.match(r"(\S+) +(\d+) +0x([0-9a-f]+)(?: |$)", line)
        if m:
            theirs.append((m[1], int(m[2]), int(m[3], 16)))
    ours = [(r["file"].split("/")[-1], r["line"], r["address"]) for u in members[0]["dwarf"] for r in u["lines"] if not r["end"]]
    same(ours, theirs, "line")


def readelf(what, path):
    """It warns of lists whose addresses lie in another section, and then fails."""
    words = ("readelf", "--debug-dump=" + what, path)
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace").stdout


def plain_operations(text):
    """Operations of readelf as ours: names with their operands."""
    words = []
    for op in text.split("; "):
        m = re.match(r"(DW_OP_\w+)(?: \(\S+\))?(?:: (-?[0-9a-f]+))?(?: \(\S+\))?$", op)
        assert m, op
        words.append(m[1] + ("" if m[2] is None else " 0x" + m[2] if m[1] == "DW_OP_addr" else " " + m[2]))
    return " ".join(words)


def readelf_lists(path, version):
    """Location and range lists by offset: lists of (index of the base or None, begin, end, operations or None)."""
    lists = {}, {}
    for number, what in enumerate(("loc", "Ranges")):
        current = base = None
        for line in readelf(what, path).splitlines():
            m = re.match(r" +([0-9a-f]{8}) (.*)$", line)
            if not m:
                continue
            offset = int(m[1], 16)
            if current is None:
                current, base = lists[number].setdefault(offset, []), None
                current.clear()
            pair = re.match(r"([0-9a-f]{16}) (\(.*?\) )?([0-9a-f]{16})? ?(.*)$", m[2])
            if "<End of list>" in m[2]:
                current = None
            elif "index" in m[2]:
                base = int(pair[1], 16)
            elif "(base address)" not in m[2]:
                ops = pair[4].removesuffix(" (start == end)").strip()
                current.append((base, int(pair[1], 16), int(pair[3], 16), plain_operations(ops[1:-1]) if number == 0 else None))
    if version >= 5:
        lists[1].update(range_lists(path))
    return lists


def range_lists(path):
    """Of .debug_rnglists, of which readelf 2.40 decodes the first list only: as readelf_lists()."""
    words = re.findall(r"^  0x[0-9a-f]{8} ((?:[0-9a-f]{2,8} ){1,4}) *.{1,16}$",
                       run("readelf", "--decompress", "--hex-dump=.debug_rnglists", path), re.M)
    data, at, lists = bytes.fromhex("".join(words)), 12, {}
    def uleb():
        nonlocal at
        value = shift = 0
        while True:
            at += 1
            value |= (data[at - 1] & 127) << shift
            shift += 7
            if data[at - 1] < 128:
                return value
    while at < len(data):
        start, base, entries = at, None, []
        while data[at] != 0:
            kind, at = data[at], at + 1
            assert kind in (1, 4), kind
            if kind == 1:
                base = uleb()
            else:
                entries.append((base, uleb(), uleb(), None))
        at += 1
        lists[start] = entries
    return lists


def lists(members, path):
    """Location and range lists of each entry are those that readelf decodes, with addresses out of .debug_addr."""
    version = members[0]["dwarf"][0]["version"]
    table = [int(m[1], 16) for m in re.finditer(r"^\s+\d+:\s+([0-9a-f]{16})$", readelf("addr", path), re.M)]
    listed = readelf_lists(path, version)
    # The unit's share of .debug_addr stands among its first entry's attributes, which may be behind its ranges.
    theirs, unit, bases, entry = [], -1, [], 0
    for line in run("readelf", "--debug-dump=info", path).splitlines():
        m = re.match(r" *<(\d+)><([0-9a-f]+)>: Abbrev Number: [1-9]", line)
        if m:
            entry, unit = int(m[2], 16), unit + (m[1] == "0")
            continue
        m = re.match(r" *<\w+> +DW_AT_addr_base +: 0x([0-9a-f]+)", line)
        if m:
            bases += [None] * (unit - len(bases)) + [(int(m[1], 16) - 8) // 8]
        m = re.match(r" *<\w+> +DW_AT_(location|ranges) +: (?:0x)?([0-9a-f]+)(?: \(location list\))?$", line)
        if m:
            theirs.append((entry, m[1] == "ranges", unit, int(m[2], 16)))
    def resolve(unit, base):
        return 0 if base is None else table[bases[unit] + base]
    theirs = [(entry, [(begin + resolve(unit, base), end + resolve(unit, base), operations)
                       for base, begin, end, operations in listed[ranges][offset]]) for entry, ranges, unit, offset in theirs]
    ours = [(e["offset"], [(l["begin"], l["end"], l.get("operations")) for l in a.get("locations", a.get("ranges"))])
            for u in members[0]["dwarf"] for e in u["entries"] for a in e["attributes"] if "locations" in a or "ranges" in a]
    same(ours, theirs, "list")
    assert sum(len(l) for _, l in ours) > 10000


def frames(members, path):
    """Call frames are those that readelf decodes, but padding."""
    theirs = []
    for line in run("readelf", "--debug-dump=frames", path).splitlines():
        m = re.match(r"([0-9a-f]{8}) [0-9a-f]{16} [0-9a-f]{8} (CIE|FDE)(?: cie=(\w+) pc=(\w+)\.\.(\w+))?$", line)
        if m:
            address = m[4] and int(m[4], 16)
            theirs.append([int(m[1], 16), m[2], m[4] and int(m[3], 16), address, m[5] and int(m[5], 16), []])
            continue
        m = re.match(r"  (DW_CFA_\w+)(?:: (.*))?$", line)
        if m and m[1] != "DW_CFA_nop":
            operands = (m[2] or "").split(" to ")
            if len(operands) > 1:
                address = int(operands[1], 16)
            words = re.sub(r"\(.*?\)|ofs|(at|is) cfa", " ", operands[0]).replace("+", "").split()
            theirs[-1][5].append((address, " ".join([m[1]] + words)))
    ours = [[f["offset"], f["entry"], f.get("cie"), f.get("begin"), f.get("end"),
             [(i["address"], i["instruction"]) for i in f["instructions"]]] for f in members[0]["frames"]]
    same(ours, theirs, "frame")
    names = {f["function"] for f in members[0]["frames"] if f["entry"] == "FDE"}
    assert len(ours) > 1000 and "main.work" in names and "runtime.mallocgc" in names


def list_pieces(members, image):
    """Lists of an object's functions are those of the image (first argument: its dump), less the function's address."""
    linked = {}
    for unit in json.load(open(image))[0]["dwarf"]:
        lists = []
        for e in unit["entries"]:
            values = {a["name"]: a["value"] for a in e["attributes"]}
            if e["depth"] == 1 and e["tag"] == "DW_TAG_subprogram" and "DW_AT_low_pc" in values and "DW_AT_name" in values:
                low = int(values["DW_AT_low_pc"], 16)
                linked[values["DW_AT_name"]] = lists = ([], [])
            elif e["depth"] < 2:
                lists = []
            for a in e["attributes"] if lists else []:
                for l, key in zip(lists, ("locations", "ranges")):
                    if key in a:
                        l.append([(r["begin"] - low, r["end"] - low, r.get("operations")) for r in a[key]])
    checked = 0
    for piece in members[0]["dwarf"]:
        assert "problem" not in piece, piece
        m = re.match(r"#\d+ \((dwarfloc|dwarfranges) of (.*)\)$", piece["symbol"])
        if not m or m[2] not in linked:
            continue
        ours = [[(r["begin"], r["end"], r.get("operations")) for r in l["entries"]] for l in piece["lists"]]
        assert all(r["base"] == m[2] for l in piece["lists"] for r in l["entries"])
        theirs = linked[m[2]][m[1] == "dwarfranges"]
        assert sorted(map(str, ours)) == sorted(map(str, theirs)), (piece["symbol"], ours, theirs)
        checked += len(ours)
    assert checked > 5, checked


def pieces(members, image):
    """Entries of an object's functions have the tags and names that they have in the image (first argument: its dump)."""
    def shape(entries, names):
        return [(e["tag"], [a["value"] for a in e["attributes"] if a["name"] == "DW_AT_name"]) for e in entries]

    linked = {}
    for unit in json.load(open(image))[0]["dwarf"]:
        group = []
        for e in unit["entries"][1:] + [{"depth": 1, "attributes": [], "tag": ""}]:
            if e["depth"] == 1 and group:
                name = [a["value"] for a in group[0]["attributes"] if a["name"] == "DW_AT_name"]
                linked.setdefault(tuple(name), []).append(shape(group, name))
                group = []
            group.append(e)
    checked = 0
    for piece in members[0]["dwarf"]:
        assert "problem" not in piece, piece
        for e in piece.get("entries", [])[:1]:
            name = tuple(a["value"] for a in e["attributes"] if a["name"] == "DW_AT_name")
            if not name or name not in linked:
                continue
            assert shape(piece["entries"], name) in linked[name], (name, shape(piece["entries"], name), linked[name])
            checked += 1
    assert checked > 5, checked


checks = {f.__name__: f for f in (schema, symbols, relocations, code, source, functab, buildinfo, headers, links, types, entries, lines, lists, frames,
                              list_pieces, pieces)}
document = json.load(sys.stdin)
for check in sys.argv[1].split(","):
    checks[check](document, *sys.argv[2:])
