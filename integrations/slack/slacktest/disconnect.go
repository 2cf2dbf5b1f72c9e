package slacktest

import "time"

// Disconnect tells every connection to go, for the reason given: "warning"
// (it stays for Options.NoticeLife and gets nothing new), "refresh_requested",
// "link_disabled" (both end it at once). Without a reason the connections are
// cut. It returns how many there were.
func (s *Server) Disconnect(reason string) int {
	if reason == "" {
		return s.hub.cut()
	}
	s.hub.mu.Lock()
	conns := append([]*socket{}, s.hub.conns...)
	for _, c := range conns {
		c.leaving = true
	}
	s.hub.mu.Unlock()
	for _, c := range conns {
		_ = c.send(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink-sandbox"}})
		if reason != "warning" {
			_ = c.conn.Close()
			continue
		}
		time.AfterFunc(s.opt.NoticeLife, func() { _ = c.conn.Close() })
	}
	return len(conns)
}

// Connections returns how many Socket Mode connections are open.
func (s *Server) Connections() int {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return len(s.hub.conns)
}

// cut ends every connection without a word.
func (h *hub) cut() int {
	h.mu.Lock()
	conns := append([]*socket{}, h.conns...)
	h.mu.Unlock()
	for _, c := range conns {
		_ = c.conn.Close()
	}
	return len(conns)
}
