// Package temporal runs and reaches the workflow engine: the server embedded
// on a SQLite file, the client with its payload encryption, the workers, and
// the skipping of time for the sandbox.
package temporal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/rpc/encryption"
	"go.temporal.io/server/temporal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// Namespace is the only namespace of the embedded server.
const Namespace = "aimsbot"

const (
	// startTimeout is how long the embedded server may take to answer; it
	// usually takes half a second.
	startTimeout = 60 * time.Second
	// portTries is how often free ports are looked for anew when another
	// process took one between finding and using it.
	portTries = 3
)

// EmbedOptions say where the embedded server keeps its data.
type EmbedOptions struct {
	Dir          string       // holds temporal.db, temporal.schema and temporal.token; must exist
	Logger       *slog.Logger // gets warnings and errors of the server; nil = none
	TimeSkipping bool         // lets a Skipper move the time of runs: sandbox and demo only
}

// Server is a running embedded server. One process may hold a folder at a
// time; the caller keeps the lock.
type Server struct {
	HostPort string // loopback address of the frontend
	Token    string // bearer token it asks for

	server temporal.Server
	conn   *grpc.ClientConn
	log    *serverLog
	ports  ports
	starts starts
}

// Start starts the embedded server and returns when it answers authorised
// calls. The store is made on first use. *SchemaError: the store was made by a
// release with another schema.
func Start(ctx context.Context, o EmbedOptions) (*Server, error) {
	token, err := secretFile(filepath.Join(o.Dir, "temporal.token"), newToken)
	if err != nil {
		return nil, fmt.Errorf("token of the embedded Temporal server: %w; remove it, and another one is made", err)
	}
	store := storeConfig(o.Dir)
	if err := prepareStore(o.Dir, store); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		p, err := freePorts()
		if err != nil {
			return nil, err
		}
		s, err := start(ctx, o, store, strings.TrimSpace(string(token)), p)
		if err != nil {
			abandon("a start", err)
		}
		if err == nil || try == portTries || !strings.Contains(err.Error(), "address already in use") {
			return s, err
		}
	}
}

func start(ctx context.Context, o EmbedOptions, store *config.SQL, token string, p ports) (*Server, error) {
	tls, err := newInternodeTLS()
	if err != nil {
		return nil, err
	}
	s := &Server{HostPort: p.frontend.address(), Token: token, log: newServerLog(o.Logger), ports: p}
	if err := s.build(o, store, tls); err != nil {
		return nil, fmt.Errorf("set up the embedded Temporal server: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := s.run(ctx, o.Dir); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// build makes the server. It listens already, and where it cannot, a fatal error
// ends the goroutine that makes it, by a panic too where it was within a once.
func (s *Server) build(o EmbedOptions, store *config.SQL, tls encryption.TLSConfigProvider) error {
	made := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				made <- fmt.Errorf("panic: %v", p)
			}
		}()
		var err error
		s.server, err = temporal.NewServer(
			temporal.WithConfig(serverConfig(store, s.ports)),
			// With all services named, the server's own workers go through the
			// internal frontend and need no token.
			temporal.ForServices(temporal.Services),
			temporal.WithStaticHosts(s.ports.hosts()),
			temporal.WithLogger(s.log),
			temporal.WithAuthorizer(authorization.NewDefaultAuthorizer()),
			temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return bearer("Bearer " + s.Token) }),
			temporal.WithTLSConfigFactory(tls),
			temporal.WithDynamicConfigClient(dynamicConfig(o.TimeSkipping)),
		)
		made <- err
	}()
	var err error
	select {
	case err = <-made:
	case <-s.log.fatal:
	}
	select {
	case fatal := <-s.log.failed: // why, where the panic only says that
		return fatal
	default:
		return err
	}
}

// run starts the services and waits for the first authorised answer.
func (s *Server) run(ctx context.Context, dir string) error {
	var err error
	s.conn, err = grpc.NewClient(s.HostPort, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("reach the embedded Temporal server: %w", err)
	}
	started := make(chan error, 1)
	go func() { // on its own goroutine, which a fatal error of the server ends
		started <- s.server.Start()
	}()
	select {
	case err = <-started:
	case err = <-s.log.failed:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("start the embedded Temporal server: %w", err)
	}
	for {
		if err = s.Ping(ctx); err == nil {
			break
		}
		select {
		case fatal := <-s.log.failed:
			return fmt.Errorf("start the embedded Temporal server: %w", fatal)
		case <-ctx.Done():
			return fmt.Errorf("start the embedded Temporal server: it does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return checkJournal(dir)
}

// Ping makes one authorised call: the health service alone would also answer
// somebody without the token.
func (s *Server) Ping(ctx context.Context) error {
	_, err := workflowservice.NewWorkflowServiceClient(s.conn).DescribeNamespace(s.authorised(ctx), &workflowservice.DescribeNamespaceRequest{Namespace: Namespace})
	if err != nil {
		return fmt.Errorf("temporal: %w", err)
	}
	return nil
}

// authorised adds the token to a call.
func (s *Server) authorised(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+s.Token)
}

// Failed receives an error when the server cannot go on; the program should
// then stop in order.
func (s *Server) Failed() <-chan error { return s.log.failed }

// Stop ends the server. Workers and clients must be stopped before it.
func (s *Server) Stop() error {
	s.log.quiet.Store(true)
	var errs []error
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	done := make(chan error, 1)
	go func() { done <- s.server.Stop() }()
	select {
	case err := <-done:
		errs = append(errs, err)
	case <-s.log.fatal:
		abandon("a stop", errors.New("the server had failed"))
	}
	return errors.Join(errs...)
}

// exists tells whether there is a file.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
