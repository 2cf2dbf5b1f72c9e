package temporal

// Inner lists the addresses behind the frontend.
func (s *Server) Inner() []string {
	return []string{s.ports.history.address(), s.ports.internal.address(), s.ports.matching.address()}
}

// Fingerprint is what the marker holds.
func Fingerprint() string { return Schema() }
