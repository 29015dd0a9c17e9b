# Damaged archives
echo 'package main; func main() {}' > main.go
package main main.go
size=$(stat -c %s main.a)
for n in 0 4 8 20 68 100 $((size / 2)) $((size - 1)); do
  head -c $n main.a > cut.a
  both fail '' -importcfg all.cfg cut.a || { echo "cut after $n of $size bytes" >&2; exit 1; }
done
