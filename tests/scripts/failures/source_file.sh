# uncompiled .go source file, and other things that are no objects
echo 'package main; func main() {}' > main.go
fails 'main.go' -importcfg all.cfg main.go
printf 'nonsense' > nonsense.a
fails . -importcfg all.cfg nonsense.a
: > empty.a
fails . -importcfg all.cfg empty.a
mkdir directory.a
fails . -importcfg all.cfg directory.a
