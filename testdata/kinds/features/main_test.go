package main

import "testing"

func TestAdd(t *testing.T) {
	if got := add(40, 2); got != 42 {
		t.Fatalf("add(40, 2) = %d", got)
	}
}

func FuzzAdd(f *testing.F) {
	f.Add(int64(1), int64(2))
	f.Fuzz(func(t *testing.T, a, b int64) {
		if add(a, b) != a+b {
			t.Fatal(a, b)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	for b.Loop() {
		add(1, 2)
	}
}
