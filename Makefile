# People and CI run the same targets. Needed: Go and make. Tools are pinned here and not in go.mod,
# so that the program's dependencies stay its own; Go fetches and caches them.
GOFUMPT       := mvdan.cc/gofumpt@v0.12.0
STATICCHECK   := honnef.co/go/tools/cmd/staticcheck@v0.8.2
ERRCHECK      := github.com/kisielk/errcheck@v1.20.0
WORKFLOWCHECK := go.temporal.io/sdk/contrib/tools/workflowcheck@v0.6.0

SOURCES  := cmd workflows activities integrations playbooks
PACKAGES := ./...
TESTLOG  := .cache/test.log
# For one package; what takes longer hangs.
TESTTIME := 20m
# The tests that are skipped without the stores of .ci/with-stores, and the conformance of both databases.
STORETESTS := Postgres|Redis|Conformance|KilledBetweenWrites|TestCommands/database

.DEFAULT_GOAL := help
.PHONY: help demo chain build test stores check format lint vet staticcheck errcheck workflowcheck imports race fuzz corpus alerts browser bench crash faults soak upgrade attacks attack-mutants replay-mutants clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' Makefile

demo: build ## run the bot with a fake Slack and Jira; prints the address of the page
	bin/aimsbot demo

chain: ## what one alert leads to, told as a story: drift, incident, report, corrective action; time is skipped
	go test -count=1 -v -run '^TestChain$$' ./cmd/aimsbot -story

build: ## make bin/aimsbot
	go build -o bin/aimsbot ./cmd/aimsbot

# The log is kept whole; what is shown is one line per package, every failure in
# full, and each test that was skipped with its reason. ALL=1 shows everything.
test: ## every test a machine with Go can run; names what it skipped
	@mkdir -p $(dir $(TESTLOG)); rm -f $(TESTLOG).status
	@{ go test -p 2 -v -timeout $(TESTTIME) $(TESTFLAGS) $(PACKAGES) 2>&1; echo $$? >$(TESTLOG).status; } | tee $(TESTLOG) | awk -v all=$(ALL) -f .ci/tests.awk
	@exit $$(cat $(TESTLOG).status)

stores: ## the tests that need PostgreSQL and Redis; starts its own (Debian: postgresql, redis-server)
	.ci/with-stores go test -count=1 -p 1 -timeout $(TESTTIME) -run '$(STORETESTS)' ./integrations/ledger ./integrations/redis ./cmd/aimsbot

check: format vet staticcheck errcheck workflowcheck imports lint ## everything that is checked without running the program

format: ## no file differs from gofumpt's formatting
	@bad=$$(go run $(GOFUMPT) -l $(SOURCES)) || exit 1; \
	if [ -n "$$bad" ]; then echo "Not formatted; run: go run $(GOFUMPT) -w $(SOURCES)"; echo "$$bad"; exit 1; fi

vet: ## go vet, with and without the failpoints of the crash tests
	go vet ./...
	go vet -tags crash ./cmd/aimsbot

staticcheck: ## staticcheck, with and without the failpoints
	go run $(STATICCHECK) ./...
	go run $(STATICCHECK) -tags crash ./cmd/aimsbot

errcheck: ## no error is dropped unseen (.errcheck lists what may be)
	go run $(ERRCHECK) -ignoretests -exclude .errcheck ./...

workflowcheck: ## nothing in a workflow differs between two replays
	go run $(WORKFLOWCHECK) -config .workflowcheck.yaml ./workflows/...

imports: ## who may import whom
	go test -run 'TestImports|TestLayout' ./cmd/aimsbot

lint: ## the shipped playbooks with the demo's organisation
	go run ./cmd/aimsbot lint

race: ## the packages that run side by side under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -p 2 -race ./playbooks/... ./activities/... ./workflows/approval ./integrations/slack/... ./integrations/jira/... ./integrations/redis

FUZZ := 10m
fuzz: ## every fuzz target for FUZZ each, two side by side (22 targets take two hours); ONLY=WORD chooses some
	.ci/fuzz $(FUZZ) $(ONLY)

corpus: ## the corpora that fuzz targets start from, anew from recorded runs and our own files
	go test -count=1 -run '^TestRecordCorpus$$' ./cmd/aimsbot -record-corpus
	go test -count=1 -run '^TestWriteCorpora$$' ./playbooks/corpustest -write

# promtool comes with Prometheus (Debian: prometheus).
alerts: ## the alert rules and their tests in promtool
	@command -v promtool >/dev/null || { echo "promtool is not installed (Debian: prometheus)"; exit 1; }
	promtool check rules deploy/alerts/*.yaml
	promtool test rules deploy/alerts/test/*.yaml

browser: ## the sandbox page in Chromium
	go test -count=1 -v ./integrations/sandbox
	go test -count=1 -v -run '^TestScreens$$' ./cmd/aimsbot

bench: ## throughput, cost and waiting times beside a bare twin; lint and scenarios of the library; hostile playbooks
	go test -count=1 -v -run '^TestBench$$' -timeout 60m ./cmd/aimsbot -bench-table
	go test -count=1 -run '^$$' -bench '^BenchmarkLibrary$$' -benchtime 3x ./cmd/aimsbot
	go test -count=1 -run '^$$' -bench '^Benchmark(Hostile|Largest)$$' -benchtime 3x ./playbooks

crash: ## kill the bot at every outside call and commit of a run, and look what is left
	go test -count=1 -v -tags crash -run '^TestKill(Sweep|Each)$$' -timeout 60m ./cmd/aimsbot

# Seeds mostly wait for claims of lost calls to end, so that many run side by side.
SEEDS   := 500
AT_ONCE := 24
faults: ## runs while a fifth of the calls outside fail, one for each of SEEDS seeds (500 take half an hour)
	go test -count=1 -v -run '^TestFaults$$' -parallel $(AT_ONCE) -timeout 300m ./cmd/aimsbot -faults $(SEEDS)

# Half an hour tells whether anything grows.
SOAK := 30m
soak: ## runs at half load for SOAK, while one call in a hundred fails: nothing is lost, nothing grows
	go test -count=1 -v -run '^TestSoak$$' -timeout 90m ./cmd/aimsbot -soak $(SOAK)

# The last commit of the release before this one.
RELEASE := 433a9e6
upgrade: ## a run that goes from the release before to this one and back, several times
	.ci/with-release $(RELEASE) go test -count=1 -v -run '^TestUpgrade$$' -timeout 10m ./cmd/aimsbot -upgrade-from

attacks: ## every attack of the table, and each guard of the program taken away in turn
	@mkdir -p .cache; go test -count=1 -v -run '^(TestAttacks|TestGuards)$$' ./cmd/aimsbot >.cache/attacks.log 2>&1; status=$$?; \
	grep -E '^(---|ok|FAIL| +attacks_)|--- FAIL' .cache/attacks.log; exit $$status
	$(MAKE) attack-mutants

SAMPLE := 1
attack-mutants: ## every SAMPLE-th guard taken away: a case of the attack table must turn red
	go test -count=1 -v -run '^TestAttackMutants$$' -parallel 2 -timeout 60m ./cmd/aimsbot -attack-mutants $(SAMPLE)

replay-mutants: ## three changes of workflow code that the recorded histories must refuse
	go test -count=1 -v -run '^TestReplayMutants$$' ./workflows -mutants

clean: ## remove what was built here
	rm -rf bin .cache
