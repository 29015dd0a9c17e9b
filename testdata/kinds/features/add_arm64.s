#include "textflag.h"

DATA ·one<>+0(SB)/8, $1
GLOBL ·one<>(SB), RODATA, $8

// func add(a, b int64) int64
TEXT ·add(SB), NOSPLIT, $0-24
	MOVD a+0(FP), R0
	MOVD b+8(FP), R1
	ADD R1, R0
	MOVD ·one<>(SB), R1
	ADD R1, R0
	SUB $1, R0
	MOVD R0, ret+16(FP)
	RET
