package source

import "strings"

// maxWord is the longest word, in bytes, that is looked for among the choices;
// ids have at most 60.
const maxWord = 100

// Near returns the choice a person most likely meant by word, or "" when none
// is close: case, '-' for '_' and up to a third of the letters may differ. Words
// that are used for one of them elsewhere count too.
func Near(word string, choices []string) string {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "_")) }
	if len(word) > maxWord {
		return ""
	}
	if w := meantBy(plain(word), choices); w != "" && !known(word, choices) {
		return w
	}
	best, bestDist := "", 1+max(1, len([]rune(word))/3)
	for _, c := range choices {
		if d := distance([]rune(plain(word)), []rune(plain(c))); d < bestDist {
			best, bestDist = c, d
		}
	}
	return best
}

// DidYouMean is " Did you mean `x`?" or "" when no choice is near.
func DidYouMean(word string, choices []string) string {
	if n := Near(word, choices); n != "" {
		return " Did you mean `" + n + "`?"
	}
	return ""
}

// distance counts the letters to add, drop, change or swap with the next.
func distance(a, b []rune) int {
	prev2, prev := []int(nil), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev = prev, row
	}
	return prev[len(b)]
}
