package main

import (
	"bytes"
	"testing"
	"time"
)

// BenchmarkLibrary reports how long it takes to check all that is shipped, and
// to play all its scenarios. `make bench` prints it.
func BenchmarkLibrary(b *testing.B) {
	for _, command := range []string{"lint", "test"} {
		b.Run(command, func(b *testing.B) {
			for b.Loop() {
				var out, errs bytes.Buffer
				if code := run([]string{command}, &streams{in: &bytes.Buffer{}, out: &out, err: &errs}); code != exitGood {
					b.Fatalf("%s ends with %d:\n%s%s", command, code, &out, &errs)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Millisecond), "ms/op")
		})
	}
}
