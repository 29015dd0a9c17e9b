# X: relocation target Y not defined
cat > main.go <<'E'
package main

func missing()
func main() { missing() }
E
echo > empty.s
package main main.go empty.s
fails 'main.main: relocation target main.missing not defined' -importcfg all.cfg main.a
