package temporal

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
)

const (
	loopback = "127.0.0.1"
	// clusterName is stored in the file and can never change.
	clusterName = "active"
	// shards is stored in the file at its first start; more of them only
	// multiply the number of polls.
	shards = 1
)

type tcpPort int

func (p tcpPort) address() string { return net.JoinHostPort(loopback, strconv.Itoa(int(p))) }

// ports are those of the server's services.
type ports struct{ frontend, internal, history, matching, worker tcpPort }

func (p *ports) all() []*tcpPort {
	return []*tcpPort{&p.frontend, &p.internal, &p.history, &p.matching, &p.worker}
}

// The ports that are tried. Systems hand out higher ones by themselves, to
// whoever asks for any: one of those could be taken again before the server
// listens on it, and a server that could not listen leaves much of itself running.
const (
	portLeast = 10_000
	portMost  = 31_999 // https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html (ip_local_port_range)
	portFinds = 100    // how many are tried for one that is free
)

// freePorts finds loopback ports nobody listens on. All are held until the
// last is found, so that they differ.
func freePorts() (ports, error) {
	var p ports
	for _, one := range p.all() {
		l, err := anyListener()
		if err != nil {
			return ports{}, fmt.Errorf("find a free port: %w", err)
		}
		defer func() { _ = l.Close() }()
		*one = tcpPort(l.Addr().(*net.TCPAddr).Port)
	}
	return p, nil
}

func anyListener() (l net.Listener, err error) {
	for range portFinds {
		port := tcpPort(portLeast + rand.IntN(portMost-portLeast+1))
		if _, given := handedOut.LoadOrStore(port, true); given {
			continue
		}
		if l, err = net.Listen("tcp", port.address()); err == nil {
			return l, nil
		}
	}
	return nil, err
}

// handedOut holds the ports given to servers of this process: of two that start
// at once, one must not find free what the other is about to listen on.
var handedOut sync.Map

func (p ports) services() map[primitives.ServiceName]tcpPort {
	return map[primitives.ServiceName]tcpPort{
		primitives.FrontendService:         p.frontend,
		primitives.InternalFrontendService: p.internal,
		primitives.HistoryService:          p.history,
		primitives.MatchingService:         p.matching,
		primitives.WorkerService:           p.worker,
	}
}

// hosts replaces gossip: every service is on this host.
func (p ports) hosts() map[primitives.ServiceName]static.Hosts {
	out := map[primitives.ServiceName]static.Hosts{}
	for name, port := range p.services() {
		out[name] = static.SingleLocalHost(port.address())
	}
	return out
}

func serverConfig(store *config.SQL, p ports) *config.Config {
	services := map[string]config.Service{}
	for name, port := range p.services() {
		services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: int(port), BindOnLocalHost: true}}
	}
	return &config.Config{
		Global: config.Global{Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: loopback}},
		Persistence: config.Persistence{
			DefaultStore: sqlite.PluginName, VisibilityStore: sqlite.PluginName, NumHistoryShards: shards,
			DataStores: map[string]config.DataStore{sqlite.PluginName: {SQL: store}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, MasterClusterName: clusterName, CurrentClusterName: clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: p.frontend.address()},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            services,
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
	}
}

// dynamicConfig holds the measured settings. Poll rates: the defaults, made
// for many shards, delay every step of a single one by 50 ms. Long polls: a
// waiter that missed an event sits until this interval ends.
func dynamicConfig(timeSkipping bool) dynamicconfig.Client {
	c := dynamicconfig.StaticClient{
		dynamicconfig.MakeKey("history.transferProcessorMaxPollRPS"):  100_000,
		dynamicconfig.MakeKey("history.timerProcessorMaxPollRPS"):     1_000,
		dynamicconfig.MakeKey("history.longPollExpirationInterval"):   time.Second,
		dynamicconfig.MakeKey("matching.numTaskqueueReadPartitions"):  1,
		dynamicconfig.MakeKey("matching.numTaskqueueWritePartitions"): 1,
	}
	if timeSkipping {
		c[dynamicconfig.MakeKey("frontend.WorkflowTimeSkippingEnabled")] = true
		// A run just started is listed at once, and runs are listed often.
		c[dynamicconfig.MakeKey("frontend.namespaceRPS.visibility")] = 1_000
		c[dynamicconfig.MakeKey("history.visibilityProcessorMaxPollRPS")] = 1_000
		// A timer in the past fires this much after now. The default of a second
		// makes every skipped timer cost one.
		c[dynamicconfig.MakeKey("history.timerProcessorMaxTimeShift")] = 10 * time.Millisecond
	}
	return c
}
