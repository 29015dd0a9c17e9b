# -benchmark prints lines of the form of cmd/link's, and --trace writes what every thread did, as Chrome trace events.
mkdir hello
cat > hello/main.go <<'GO'
package main

import "fmt"

func main() { fmt.Println("hello") }
GO
go list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' fmt > importcfg
go tool compile -p main -importcfg importcfg -o main.a hello/main.go
for kind in cpu mem; do
  "$(go tool -n link)" -benchmark=$kind -o stock -importcfg importcfg -buildmode=exe -buildid=x main.a > stock.$kind
  DOVETAIL_FLAGS="--threads=3 --trace=trace.$kind" "$DOVETAIL" link -benchmark=$kind -o ours -importcfg importcfg -buildmode=exe \
    -buildid=x main.a > ours.$kind
  cmp ours stock
done

cat > check.py <<'PY'
import json
import os
import re

# A line of Go's benchmarks: name, count, pairs of value and unit. (Stock's names end in _GC with -benchmark=mem.)
LINE = re.compile(r"Benchmark[A-Z]\w* 1 \d+ ns/op(\t\d+ [\w-]+(/op)?)*")
for kind in ("cpu", "mem"):
    for who in ("stock", "ours"):
        lines = open(f"{who}.{kind}").read().splitlines()
        assert len(lines) > 10, (who, lines)
        for line in lines:
            assert LINE.fullmatch(line), (who, line)
        last = lines[-1].split(" ")
        assert last[0].removesuffix("_GC") == "BenchmarkTotalTime", (who, last)
        times = [int(line.split(" ")[2]) for line in lines]
        assert sum(times[:-1]) == times[-1], (who, times)
    names = [line.split(" ")[0] for line in open(f"ours.{kind}")]

    events = json.load(open(f"trace.{kind}"))["traceEvents"]
    rows = {e["tid"] for e in events if e["ph"] == "M"}
    assert rows == {1, 2, 3}, rows
    work = [e for e in events if e["ph"] == "X" and "written_bytes" in e["args"]]
    phases = [e for e in events if e["ph"] == "X" and "written_bytes" not in e["args"]]
    assert ["Benchmark" + p["name"].title().replace("_", "") for p in phases] == names[:-1], (phases, names)
    threads = {e["tid"] for e in work}
    assert 1 in threads and len(threads) > 1 and threads <= rows, threads
    assert {e["name"] for e in work} <= {p["name"] for p in phases} | {"start"}
    for tid in rows:  # stretches of one thread lie apart or within one another
        open_ends = []
        for e in sorted((e for e in events if e["ph"] == "X" and e["tid"] == tid), key=lambda e: (e["ts"], -e["dur"])):
            while open_ends and open_ends[-1] <= e["ts"] + 0.002:
                open_ends.pop()
            assert not open_ends or e["ts"] + e["dur"] <= open_ends[-1] + 0.002, e
            open_ends.append(e["ts"] + e["dur"])
    written = sum(e["args"]["written_bytes"] for e in work if e["name"] in ("write_segments", "write_tables"))
    size = os.path.getsize("ours")
    assert 0.9 * size < written <= size, (written, size)  # headers are written outside of any loop
    resident = [e["args"] for e in events if e["ph"] == "C"]
    assert len(resident) == len(phases) and all(r["heap"] > 0 and r["files"] > 0 for r in resident), resident
PY
python3 check.py
