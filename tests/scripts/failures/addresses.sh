# -T, -R and -D of all kinds: what lies over what, wraps, or is not aligned
echo 'package main; func main() {}' > main.go
package main main.go
"$stock" -o plain -importcfg all.cfg main.a
address() { go tool nm plain | awk -v name="$1" '$3 == name { print $1 }'; }
# at SYMBOL DISTANCE: an address for -D near that of a symbol
at() { printf '0x%x' $(((0x$(address "$1") & ~0xfff) + $2)); }
tables=$(at runtime.rodata 0x60000)  # functions' tables: a few large symbols
for flags in '-D 0' '-D 0x3ff000' '-D 0x400000' '-D 0x401000' '-D 0x450000' '-D 0x8000000' '-D -0x1000' '-D -0x100000' '-D -2' \
    "-D $(at runtime.etext 0)" "-D $(at runtime.rodata 0)" "-D $(at runtime.rodata 0x2000)" "-D $tables" "-D $tables -s -w" \
    '-D 0x410000 -c' \
    '-T 0x400001' '-T 0x400021' '-T 0x400041' '-T 0x40103f' '-T 0x400001 -funcalign 1' '-T 0x400011 -funcalign 128' \
    '-T 0x1000' '-T 0' '-T -1' '-T -2' '-T -0x1000' '-T -0x100000' '-T 0x500000 -D 0x400000' '-T 0x500000 -D 0x501000' \
    '-R 0x10000' '-R 0x10000 -D 0x410000' '-R 0x800000' '-R 0x800000 -T 0x500000' '-R -1' '-R 0' '-R 4097' '-R 2048'; do
  alike $flags -importcfg all.cfg main.a || { echo "flags: $flags" >&2; exit 1; }
done
# The original says one of two things, as its threads have it.
fails_apart 'phase error: addr=' -D "$(at runtime.itablink 0)" -importcfg all.cfg main.a
ANY_ORDER=1
fails 'too big' -e -R 0x80000000 -importcfg all.cfg main.a
