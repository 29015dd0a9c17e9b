# Names that a package may not reach by linkname.
std time

link_to() {
  go_file main.go <<GO
package main

import _ "unsafe"

//go:linkname target $1
$2

func main() { use() }

//go:noinline
func use() { $3 }
GO
  : > empty.s
  compile main main.go empty.s
}

link_to runtime.coroswitch 'func target()' 'target()'
same 1 -importcfg importcfg main.a
says "link: main: invalid reference to runtime.coroswitch"
same 0 -checklinkname=false -importcfg importcfg main.a

# A function of std that does not say it may be linked to.
link_to runtime.gcStart 'func target(int)' 'target(0)'
same 1 -importcfg importcfg main.a
says "invalid reference to runtime.gcStart"

# One that does.
link_to runtime.nanotime 'func target() int64' 'target()'
same 0 -importcfg importcfg main.a

# A variable without contents.
link_to runtime.allgs 'var target uintptr' 'target++'
same 1 -importcfg importcfg main.a
says "invalid reference to runtime.allgs"

# Assembly may reach anything but what is blocked for it.
go_file main.go <<'GO'
package main

func f()

func main() { f() }
GO
go_file f.s <<'S'
TEXT ·f(SB), 4, $0-0
	CALL runtime·gcStart(SB)
	RET
S
compile main main.go f.s
agree -importcfg importcfg main.a
