package metrics

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// maxLabels is the most labels a family of ours has.
const maxLabels = 3

// maxSeries bounds the series of one family. What the program can say stays far
// below; the bound is for the day when a label is given something else.
const maxSeries = 512

// overflow is the value of every label beyond the bound.
const overflow = "overflow"

// values are one series' label values, in the order of its family's labels.
type values [maxLabels]string

// series are the options that name one series to OpenTelemetry.
type series struct {
	add     []metric.AddOption
	record  []metric.RecordOption
	observe []metric.ObserveOption
}

// table keeps the options of each series, which are made once: counting then
// costs a look-up and allocates nothing.
type table struct {
	labels []string

	mu   sync.RWMutex
	made map[values]series
}

// of returns a series and whether it was made just now.
func (t *table) of(v values) (s series, fresh bool) {
	t.mu.RLock()
	s, ok := t.made[v]
	t.mu.RUnlock()
	if ok {
		return s, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.made) >= maxSeries {
		v = values{overflow, overflow, overflow}
	}
	if s, ok := t.made[v]; ok {
		return s, false
	}
	kvs := make([]attribute.KeyValue, len(t.labels))
	for i, name := range t.labels {
		kvs[i] = attribute.String(name, v[i])
	}
	set := metric.WithAttributeSet(attribute.NewSet(kvs...))
	s = series{add: []metric.AddOption{set}, record: []metric.RecordOption{set}, observe: []metric.ObserveOption{set}}
	t.made[v] = s
	return s, true
}

func newTable(labels []string) (table, error) {
	if len(labels) > maxLabels {
		return table{}, fmt.Errorf("more than %d labels: %v", maxLabels, labels)
	}
	return table{labels: labels, made: map[values]series{}}, nil
}

// family is one counter with its labels.
type family struct {
	table
	counter metric.Int64Counter
}

// add counts, and tells whether the series is new.
func (f *family) add(n int64, v values) (fresh bool) {
	s, fresh := f.of(v)
	f.counter.Add(context.Background(), n, s.add...)
	return fresh
}

// durations are one histogram with its labels.
type durations struct {
	table
	histogram metric.Float64Histogram
}

func (d *durations) record(took time.Duration, v values) {
	s, _ := d.of(v)
	d.histogram.Record(context.Background(), took.Seconds(), s.record...)
}

// maker makes instruments until one fails.
type maker struct {
	meter metric.Meter
	err   error
}

func (k *maker) counter(name, help string, labels ...string) *family {
	if k.err != nil {
		return nil
	}
	f := &family{}
	if f.table, k.err = newTable(labels); k.err == nil {
		f.counter, k.err = k.meter.Int64Counter(name, metric.WithDescription(help))
	}
	return f
}

func (k *maker) histogram(name, help string, buckets []float64, labels ...string) *durations {
	if k.err != nil {
		return nil
	}
	d := &durations{}
	if d.table, k.err = newTable(labels); k.err == nil {
		d.histogram, k.err = k.meter.Float64Histogram(name, metric.WithDescription(help), metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(buckets...))
	}
	return d
}
