# awk -f fuzz.awk FUNCS PROFILE: the covered share of the statements of the functions that were reached.
# FUNCS is what `go tool cover -func` says, in the order of the files; PROFILE the profile itself.
FNR == NR {
	if (split($1, at, ":") < 2) next
	reached[at[1], ++n[at[1]]] = ($NF != "0.0%"); from[at[1], n[at[1]]] = at[2]; next
}
/^mode:/ { next }
{
	file = $1; sub(/:[^:]*$/, "", file)
	line = $1; sub(/.*:/, "", line); sub(/\..*/, "", line)
	for (i = n[file]; i > 1 && from[file, i] + 0 > line + 0; i--);
	if (!reached[file, i]) next
	all += $2; if ($3 > 0) hit += $2
}
END { if (all) printf "%.1f%%", 100 * hit / all; else print "-" }
