# Entry symbols from which the runtime is not reached, or only a part of it; and what is no entry
echo 'package main; func main() {}' > empty.go
cat > full.go <<'G'
package main
import "fmt"
var m = map[string]int{"a": 1, "b": 2, "c": 3}
func init() { println(1) }
func main() { fmt.Println(1) }
G
cat > map.go <<'G'
package main
var m = map[string]int{"a": 1, "b": 2, "c": 3, "d": 4}
func main() {}
G
for program in empty full map; do
  package main $program.go
  for entry in main.main runtime.rt0_go _rt0_amd64 runtime.schedinit runtime.main runtime.mapinitnoop runtime.text \
      runtime.etext runtime.unreachableMethod runtime.runtime_inittasks runtime.firstmoduledata main..inittask runtime..inittask \
      go:main.inittasks go:runtime.inittasks type:int 0x401000 077 99999999999999999999 0nonsense; do
    alike -E $entry -importcfg all.cfg main.a || { echo "$program: -E $entry" >&2; exit 1; }
  done
done
alike -s -w -E runtime.schedinit -importcfg all.cfg main.a
