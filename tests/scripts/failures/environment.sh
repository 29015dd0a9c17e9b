# Bad values in the environment
echo 'package main; func main() {}' > main.go
package main main.go
for setting in GOAMD64=v9 GOEXPERIMENT=nonsense GOFIPS140=nonsense GOARCH=nonsense GO_EXTLINK_ENABLED=2; do
  export "$setting"
  alike -importcfg all.cfg main.a || { echo "$setting" >&2; exit 1; }
  unset "${setting%%=*}"
  export GOARCH=amd64
done
