# duplicated definition of symbol
for p in one two; do
  echo "package $p; func F()" > $p.go
  printf 'TEXT shared·function(SB), 0, $0-0\n\tRET\nTEXT ·F(SB), 0, $0-0\n\tCALL shared·function(SB)\n\tRET\n' > $p.s
  package $p $p.go $p.s
done
echo 'package main; import ("one"; "two"); func main() { one.F(); two.F() }' > main.go
package main main.go
fails 'duplicated definition of symbol shared.function, from (one|two)' -importcfg all.cfg main.a
