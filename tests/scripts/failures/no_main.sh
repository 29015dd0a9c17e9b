# function main is undeclared in the main package
echo 'package main; func init() { println(1) }' > main.go
package main main.go
fails 'function main is undeclared in the main package' -importcfg all.cfg main.a
