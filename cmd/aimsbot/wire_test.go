package main

import (
	"io"
	"net"
	"sync"
	"testing"
)

// wire carries bytes between a bot and a service, and can be cut.
type wire struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	isCut    bool
	held     chan struct{} // closed when bytes go on; nil = they are not held
	open     map[net.Conn]bool
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: ln, to: to, open: map[net.Conn]bool{}}
	t.Cleanup(func() {
		ln.Close()
		w.cut()
	})
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			go w.carry(in)
		}
	}()
	return w
}

func (w *wire) carry(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer out.Close()
	w.mu.Lock()
	if w.isCut {
		w.mu.Unlock()
		return
	}
	w.open[in] = true
	w.mu.Unlock()
	go func() {
		defer in.Close()
		_, _ = io.Copy(in, patient{w, out})
	}()
	_, _ = io.Copy(out, patient{w, in})
	w.mu.Lock()
	delete(w.open, in)
	w.mu.Unlock()
}

// cut ends all connections and lets no new one through.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = true
	w.release()
	for c := range w.open {
		c.Close()
	}
}

// hold takes all bytes and delivers none.
func (w *wire) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held == nil {
		w.held = make(chan struct{})
	}
}

// mend lets connections through again, and what was held.
func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = false
	w.release()
}

func (w *wire) release() {
	if w.held != nil {
		close(w.held)
		w.held = nil
	}
}

// patient reads what a wire does not hold.
type patient struct {
	w    *wire
	from io.Reader
}

// Read waits while the wire holds its bytes.
func (p patient) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	p.w.mu.Lock()
	held := p.w.held
	p.w.mu.Unlock()
	if held != nil {
		<-held
	}
	return n, err
}
