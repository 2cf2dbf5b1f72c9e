package temporal

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"
)

// ClientOptions say how to reach a server.
type ClientOptions struct {
	HostPort  string
	Namespace string // empty = Namespace
	Token     string // bearer token; empty = none
	Codec     converter.PayloadCodec
	Logger    *slog.Logger          // nil = none
	Metrics   client.MetricsHandler // nil = none
	// Ahead is how far the sandbox's clock is before the wall clock: runs start
	// at that instant, on Server. Both nil outside of the sandbox.
	Ahead  func() time.Duration
	Server *Server

	service *Service // an outside one; it brings its own address and namespace
}

// Dial connects. Everything the client and its workers store is encrypted,
// error texts included.
func Dial(ctx context.Context, o ClientOptions) (client.Client, error) {
	if o.Namespace == "" {
		o.Namespace = Namespace
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	dc := Converter(o.Codec)
	co := client.Options{HostPort: o.HostPort, Namespace: o.Namespace}
	if o.service != nil {
		co = o.service.options
	}
	co.Identity = "aimsbot" // the default would put the host's name into every event
	co.Logger = log.NewStructuredLogger(o.Logger.With("part", "temporal"))
	co.MetricsHandler = o.Metrics
	co.DataConverter = dc
	co.FailureConverter = temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter: dc, EncodeCommonAttributes: true,
	})
	if o.Token != "" {
		co.HeadersProvider = token(o.Token)
	}
	if o.Ahead != nil {
		co.ConnectionOptions.DialOptions = []grpc.DialOption{grpc.WithChainUnaryInterceptor(o.Server.startAhead(o.Ahead))}
	}
	c, err := client.DialContext(ctx, co)
	if err != nil && o.service != nil {
		return nil, o.service.explain(err)
	}
	if err != nil {
		return nil, fmt.Errorf("reach Temporal at %s: %w", co.HostPort, err)
	}
	return c, nil
}

// token shows a bearer token with every call. The SDK's own API keys insist on
// TLS, which a server on loopback has not.
type token string

// GetHeaders returns the authorization header.
func (t token) GetHeaders(context.Context) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(t)}, nil
}
