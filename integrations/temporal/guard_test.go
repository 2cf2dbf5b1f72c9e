package temporal_test

import (
	"crypto/tls"
	"testing"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/api/historyservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/aimsbot/aimsbot/integrations/temporal"
)

func TestFrontendWantsTheToken(t *testing.T) {
	t.Parallel()
	frontend := workflowservice.NewWorkflowServiceClient(connect(t, shared.server.HostPort, insecure.NewCredentials()))
	for name, header := range map[string]string{"none": "", "wrong": "Bearer x", "without scheme": shared.server.Token} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", header)
			_, err := frontend.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: temporal.Namespace})
			if status.Code(err) != codes.PermissionDenied {
				t.Errorf("got %v, want permission denied", err)
			}
		})
	}
	if err := shared.server.Ping(t.Context()); err != nil {
		t.Errorf("with the token: %v", err)
	}
}

// TestInnerPortsWantTheCertificate knocks at the ports behind the frontend,
// with the token, in plain text and over TLS without the certificate.
func TestInnerPortsWantTheCertificate(t *testing.T) {
	t.Parallel()
	for _, address := range shared.server.Inner() {
		for name, how := range map[string]credentials.TransportCredentials{
			"plain": insecure.NewCredentials(),
			"tls":   credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}), //nolint:gosec // an intruder does not verify
		} {
			t.Run(name+" "+address, func(t *testing.T) {
				t.Parallel()
				conn := connect(t, address, how)
				ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+shared.server.Token)
				_, err := historyservice.NewHistoryServiceClient(conn).GetMutableState(ctx, &historyservice.GetMutableStateRequest{NamespaceId: "x"})
				if status.Code(err) != codes.Unavailable {
					t.Errorf("history call: %v", err)
				}
				_, err = workflowservice.NewWorkflowServiceClient(conn).DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: temporal.Namespace})
				if status.Code(err) != codes.Unavailable {
					t.Errorf("frontend call: %v", err)
				}
			})
		}
	}
}

func connect(t *testing.T, address string, how credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(how))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
