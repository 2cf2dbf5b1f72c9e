package main

import (
	"fmt"
	"net/url"
	"os"

	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// readTemporal takes the settings of an outside Temporal and of the codec for
// its UI, and says what is wrong with them.
func (s *settings) readTemporal(environ []string) (wrong []string) {
	var err error
	if s.Temporal, err = temporal.ServiceFrom(environ); err != nil {
		wrong = append(wrong, err.Error())
	}
	if s.Temporal != nil && !s.Temporal.Loopback() && s.Key == "" {
		wrong = append(wrong, fmt.Sprintf("AIMSBOT_KEY is not set: what is stored in Temporal at %s is encrypted with it; make one with: openssl rand -base64 32", s.Temporal.Address))
	}
	s.CodecToken, s.CodecOrigin = os.Getenv("AIMSBOT_CODEC_TOKEN"), os.Getenv("AIMSBOT_CODEC_ORIGIN")
	if o := s.CodecOrigin; o != "" {
		u, err := url.Parse(o)
		why := badAddress(o)
		if err == nil && why == "" && o != u.Scheme+"://"+u.Host {
			why = fmt.Sprintf("is %q; write scheme, host and port of the UI and nothing behind them, such as https://temporal.example.com", o)
		}
		if why != "" {
			wrong = append(wrong, "AIMSBOT_CODEC_ORIGIN "+why)
		}
	}
	return wrong
}
