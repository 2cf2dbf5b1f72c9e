# Reads `go test -v`. Shows one line per package, the whole output of packages that fail,
# and at the end every skipped test with its reason. all=1 passes everything on.
function name_of(line) { sub(/^ *(=== [A-Z]+ +|--- [A-Z]+: )/, "", line); sub(/ \([0-9.]+s\)$/, "", line); return line }

# What cannot be built or vetted is told at once; it may come amid another package.
/^# / { broken = 1 }
broken && /^(=== |--- |ok |FAIL|PASS)/ { broken = 0 }
broken { print; next }

{ if (all) print; else kept[++n] = $0 }

/^=== [A-Z]+ / { test = name_of($0); next }
/^ *--- SKIP: / { skipped[++skips] = name_of($0); why[skips] = said[skipped[skips]]; next }
/^ *--- PASS: / { passed++; next }
/^ *--- FAIL: / { failed++; next }
/^ok / || /^\?/ || / \[no test files\]$/ || /coverage: .* of statements$/ {
	if (!all) print
	n = 0; test = ""; delete said; next
}
/^FAIL\t/ {
	broke = broke "  " $2 "\n"
	if (!all) for (i = 1; i <= n; i++) if (kept[i] !~ /^=== |^ *--- PASS: /) print kept[i]
	n = 0; test = ""; delete said; next
}
test != "" && NF { line = $0; sub(/^ +([A-Za-z0-9_]+\.go:[0-9]+: )?/, "", line); said[test] = line }

END {
	if (!all) for (i = 1; i <= n; i++) if (kept[i] != "FAIL") print kept[i]
	if (broke) printf "\nPackages that failed:\n%s", broke
	printf "\n%d passed, %d failed, %d skipped", passed, failed, skips
	print skips ? ". NOT RUN:" : ". Nothing was skipped."
	for (i = 1; i <= skips; i++) printf "  %s: %s\n", skipped[i], why[i]
}
