"""A program for linux/arm64 with more text than a branch spans, which is 128 MB either way: there, and nowhere else among
the recorded links, calls need trampolines without a flag that asks for them. Most of it is assembly that is never run;
the assembler takes seconds for what the compiler would need minutes for."""

PACKAGES, FUNCTIONS, WORDS = 18, 8, 1 << 17  # of 8 bytes in each function: 144 MB
_LAST = PACKAGES - 1

_PACKAGE = """package part{number}

import {imports}

{declarations}

// Visit goes down to the first package and has f say something there, on a stack that has to grow.
func Visit(depth int, f func() string) (sum int64, said string) {{
	var room [512]byte
	room[depth] = 1
	sum = int64(room[depth]) * ({calls})
	if depth == 0 {{
		return sum, f()
	}}
	rest, said := {below}
	return sum + rest, said
}}
"""
_MAIN = f"""package main

import (
	"fmt"
	"reflect"
	"runtime"

	"large/part{_LAST}"
)

func address(f any) uintptr {{ return reflect.ValueOf(f).Pointer() }}

func caught() (text string) {{
	defer func() {{
		pc, _, _, _ := runtime.Caller(3)
		text = fmt.Sprint(recover(), " below ", runtime.FuncForPC(pc).Name())
	}}()
	part{_LAST}.Visit({_LAST}, func() string {{ panic("caught") }})
	return "not thrown"
}}

func main() {{
	done := make(chan string)
	go func() {{
		sum, said := part{_LAST}.Visit({_LAST}, func() string {{ runtime.GC(); return "collected" }})
		done <- fmt.Sprint(sum, " ", said)
	}}()
	fmt.Println(<-done, address(main)-address(runtime.GC) > 128<<20)
	fmt.Println(caught())
}}
"""
PRINTS = f"{sum(range(PACKAGES * FUNCTIONS))} collected true\ncaught below large/part0.Visit\n"


def _assembly(number):
    for i in range(FUNCTIONS):
        yield f"TEXT ·large{i}(SB), 4, $0-8\n\tMOVD ${number * FUNCTIONS + i}, R0\n\tMOVD R0, ret+0(FP)\n\tRET\n"
        yield f"\tDWORD ${number + 1}\n" * WORDS


def sources():
    """(file, text) of each file but go.mod; the module is `large`."""
    for number in range(PACKAGES):
        yield f"part{number}/large.s", "".join(_assembly(number))
        yield f"part{number}/part.go", _PACKAGE.format(
            number=number,
            imports=f'"large/part{number - 1}"' if number else '_ "unsafe"',
            declarations="\n".join(f"func large{i}() int64" for i in range(FUNCTIONS)),
            calls=" + ".join(f"large{i}()" for i in range(FUNCTIONS)),
            below=f"part{number - 1}.Visit(depth-1, f)" if number else 'int64(0), ""')
    yield "main.go", _MAIN
