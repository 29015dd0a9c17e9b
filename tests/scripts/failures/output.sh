# An output that cannot be created
echo 'package main; func main() {}' > main.go
package main main.go
mkdir directory
for out in absent/directory/x directory; do
  a=0 b=0
  "$stock" -o $out -importcfg all.cfg main.a 2> stock.err || a=$?
  ./link -o $out -importcfg all.cfg main.a 2> ours.err || b=$?
  sed -i "s|$stock|link|" stock.err
  sed -i 's|\./link|link|' ours.err
  test $a != 0
  test $a = $b
  diff -u stock.err ours.err
done
