"""gdb, delve and libdwarf on what we linked (testdata/kinds/debugger, and cmd/go for the walk)."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import links
from outcome import Item, Outcome

GDB = ["set pagination off", "set debuginfod enabled off", "break main.inner", "run", "info args", "print 'main.total'",
       "backtrace", "ptype p", "up", "info locals", "next", "info functions main[.]outer", "kill"]
GDB_WANTED = [r"Breakpoint 1, main\.inner \(p=", r'p = \{x = 3, y = 4, name = 0x[0-9a-f]+ "origin"\}',
              r"values = \{array = 0x[0-9a-f]+, len = 3, cap = 3\}", r"\$1 = 7", r"#1 .* main\.outer \(depth=0",
              r"#3 .* main\.outer \(depth=2", r"#4 .* main\.main \(\)", r"type = struct main\.point \{\s+int x;",
              r"main\.go:\s+41:"]
DELVE = ["break main.inner", "continue", "args", "print p", "print values", "print byName", "print total", "whatis byName",
         "stack", "goroutines", "frame 1 locals", "funcs main[.]outer", "next", "clear 1", "continue", "quit"]
DELVE_WANTED = [r"Breakpoint 1 set at 0x[0-9a-f]+ for main\.inner\(\)", r'main\.point \{x: 3, y: 4, name: "origin"\}',
                r"\[\]int len: 3, cap: 3, \[10,20,30\]", r'"origin": 5', r"\(dlv\) 7", r"map\[string\]int",
                r"(?s)main\.inner.*main\.outer.*main\.outer.*main\.outer.*main\.main.*runtime\.main.*runtime\.goexit",
                r"Goroutine 1 - User: .*main\.inner", r"main\.go:32", r"has exited with status 0"]


def record(*words):
    subprocess.run([str(links.REPOSITORY / "script" / "record"), *words], check=False)


def transcript(command, text, wanted, folder):
    done = subprocess.run(command, input=text, capture_output=True, text=True, errors="replace", timeout=120,
                          env={**os.environ, "HOME": folder, "NO_COLOR": "1"})
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    return [w for w in wanted if not re.search(w, said)], said


def debug(who, command, text, wanted, linker, flags):
    """Commands given to a debugger, and what it must say."""
    name = " ".join([who, *flags])
    with tempfile.TemporaryDirectory(prefix="debug-", dir=links.cache_directory()) as folder:
        image = os.path.join(folder, "debugger")
        result = links.Link("kinds/debugger").run(linker, image, flags)
        if result.status:
            return Outcome(0, [f"{name}: the link failed: {result.stderr[:200]!r}"])
        missing, said = transcript([a.replace("{IMAGE}", image) for a in command], text, wanted, folder)
        if who == "delve" and re.search(r"operation not permitted|could not launch", said):
            return Outcome(0, [], [f"{name}: not allowed to trace processes here"])
        return Outcome(len(wanted) - len(missing), [f"{name}: did not say {m}: {said[-300:]!r}" for m in missing])


def delve(linker, flags):
    record("programs", "dlv")
    if "programs/dlv" not in links.all_links():
        return Outcome(0, [], ["delve: not recorded (offline?)"])
    with tempfile.TemporaryDirectory(prefix="delve-", dir=links.cache_directory()) as folder:
        tool = os.path.join(folder, "dlv")
        links.Link("programs/dlv").run("stock", tool)
        command = [tool, "exec", "--allow-non-terminal-interactive=true", "{IMAGE}"]
        return debug("delve", command, "\n".join(DELVE) + "\n", DELVE_WANTED, linker, flags)


def gdb(linker, flags):
    if not shutil.which("gdb"):
        return Outcome(0, [], ["gdb: is not installed"])
    command = ["gdb", "-nx", "-batch"] + [word for line in GDB for word in ("-ex", line)] + ["{IMAGE}"]
    return debug("gdb", command, "", GDB_WANTED, linker, flags)


def walk(name, linker, flags):
    tool = links.REPOSITORY / "build" / "release" / "bin" / "dwarf_walk"
    label = " ".join(["walk", name, *flags])
    if not tool.is_file():
        return Outcome(0, [f"{label}: script/build has not built dwarf_walk"])
    with tempfile.TemporaryDirectory(prefix="walk-", dir=links.cache_directory()) as folder:
        image = pathlib.Path(folder, "image")
        result = links.Link(name).run(linker, image, flags)
        if result.status:
            return Outcome(0, [f"{label}: the link failed: {result.stderr[:200]!r}"])
        done = subprocess.run([str(tool), str(image)], capture_output=True, text=True, errors="replace")
    note = f"* {label}: {done.stdout.strip()}"
    return Outcome(1, note=note) if done.returncode == 0 else Outcome(0, [f"{label}: {done.stderr[:300]}"], note=note)


def items(context):
    record("hello")
    record("cmd", "go", "compile")
    record("kinds", "debugger", "features", "nodwarf5", "cover")
    linker = context.linker
    result = []
    for flags in ([], ["-compressdwarf=false"]):
        label = " ".join(flags)
        key = [links.Link("kinds/debugger").oracle_key(flags)]
        result.append(Item(f"gdb {label}".strip(), key, lambda flags=flags: gdb(linker, flags)))
        result.append(Item(f"delve {label}".strip(), key, lambda flags=flags: delve(linker, flags)))
        for name in ("hello", "cmd/go", "cmd/compile", "kinds/features", "kinds/nodwarf5", "kinds/cover"):
            result.append(Item(f"walk {name} {label}".strip(), [links.Link(name).oracle_key(flags)],
                               lambda name=name, flags=flags: walk(name, linker, flags)))
    return result
