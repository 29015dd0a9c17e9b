# X: relocation target Y not defined
cat > main.go <<'E'
package main

func missing()
func main() { missing() }
E
echo > empty.s
package main main.go empty.s
fails 'main.main: relocation target main.missing not defined' -importcfg all.cfg main.a
# In a position-independent executable the table of addresses refers to it as well.
cat > main.go <<'E2'
package main

func missing()
func main() { pointer() }

var pointer = missing
E2
ANY_ORDER=1
for flags in "" -shared; do
  package main $flags main.go empty.s
  fails 'main.missing·f: relocation target main.missing not defined' ${flags:+-buildmode=pie} -importcfg all.cfg main.a
done
fails '.rela: relocation target main.missing not defined' -buildmode=pie -importcfg all.cfg main.a
echo 'package main; func init() { println(1) }' > main.go
package main -shared main.go
fails '.rela: function main is undeclared in the main package' -buildmode=pie -importcfg all.cfg main.a
