# linked object header mismatch
echo 'package main; func main() {}' > main.go
GOAMD64=v3 package main main.go
fails 'linked object header mismatch' -importcfg all.cfg main.a
