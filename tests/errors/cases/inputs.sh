# Files that are missing, or are not what they are said to be.
std
go_file main.go <<'GO'
package main

func main() {}
GO
compile main main.go
cp main.a good.a
cp importcfg good.cfg

same 2 -importcfg importcfg nowhere.a
says "cannot open file nowhere.a: open nowhere.a: no such file or directory"
same 1 -importcfg nowhere.cfg main.a
says "-importcfg: open nowhere.cfg: no such file or directory"

# A package that is not main.
go_file p.go <<'GO'
package p
GO
go tool compile -p p -importcfg importcfg -pack -o p.a p.go
same 2 -importcfg importcfg p.a
says "p.a: not package main"
same 2 -g -importcfg importcfg p.a

# Not an archive: source, text, another object.
same 2 -importcfg importcfg main.go
says "main.go"
echo hello > text
same 2 -importcfg importcfg text
printf 'package main\n' > short
same 2 -importcfg importcfg short
: > empty
same 2 -importcfg importcfg empty

# A package file that is gone, and packages that no line names.
sed 's|^packagefile runtime=.*|packagefile runtime=gone.a|' good.cfg > gone.cfg
same 2 -importcfg gone.cfg main.a
says "cannot open file gone.a"
grep -v '^packagefile runtime=' good.cfg > noruntime.cfg
like 2 'missing entry symbol "_rt0_amd64_linux"' -w -importcfg noruntime.cfg main.a
grep -v '^packagefile internal/abi=' good.cfg > noabi.cfg
same 2 -importcfg noabi.cfg main.a

# importcfg itself.
for line in 'packagefile x' 'packageshlib x' 'frobnicate x=y' 'modinfo x' 'modinfo "x'; do
  { cat good.cfg; echo "$line"; } > bad.cfg
  same 1 -importcfg bad.cfg main.a
done

# Archives cut short or overwritten.
size=$(stat -c %s good.a)
head -c $((size - 1)) good.a > main.a
like 2 "main.a(_go_.o): malformed object: " -importcfg importcfg main.a
head -c 100 good.a > main.a
same 2 -importcfg importcfg main.a
says "main.a: not package main"
head -c 300 good.a > main.a
same 2 -importcfg importcfg main.a
sed '1s/arch/larch/' good.a > main.a
same 2 -importcfg importcfg main.a

# Objects of other languages are not linked yet, and said to be so by name.
cp good.a main.a
head -c 4096 "$stock" > foreign.o
go tool pack r main.a foreign.o
run_link "$DOVETAIL" ours -o out -importcfg importcfg main.a
[ "$(cat ours.status)" = 2 ] || fail "exit status $(cat ours.status)" foreign.o
grep -q 'main.a(foreign.o): .*CGO_ENABLED=0' ours.err || fail "wanted the member's name and what to do: $(cat ours.err)" foreign.o
