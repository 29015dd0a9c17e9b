# More than 20 errors end the link, unless -e
{
  echo 'package main'
  for i in $(seq 25); do echo "func missing$i()"; done
  echo 'func main() {'
  for i in $(seq 25); do echo "missing$i()"; done
  echo '}'
} > main.go
echo > empty.s
package main main.go empty.s
fails 'too many errors' -importcfg all.cfg main.a
fails 'main.main: relocation target main.missing25 not defined' -e -importcfg all.cfg main.a
