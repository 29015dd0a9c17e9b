# importcfg itself
echo 'package main; func main() {}' > main.go
package main main.go
for line in 'packagefile' 'packagefile a' 'packageshlib a' 'nonsense a=b' 'modinfo unquoted' 'packagefile =x'; do
  { cat all.cfg; echo "$line"; } > bad.cfg
  fails . -importcfg bad.cfg main.a
done
fails 'no such file' -importcfg absent.cfg main.a
{ cat all.cfg; echo; echo '# comment'; echo '   '; echo 'modinfo "x\ty"'; } > good.cfg
links '' -importcfg good.cfg main.a
