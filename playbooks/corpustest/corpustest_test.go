package corpustest_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// TestTooFewFiles: a file that comes twice counts once.
func TestTooFewFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "corpus", "x.zip")
	var files []corpustest.File
	for i := range corpustest.Least - 1 {
		files = append(files, corpustest.File{Kind: "door/200", Body: []byte(strconv.Itoa(i))})
	}
	files = append(files, files[0])
	if n, err := corpustest.Write(path, files, len(files)); err != nil || n != corpustest.Least-1 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := corpustest.Read(path); err == nil || !strings.Contains(err.Error(), "199 different files") {
		t.Errorf("too few: %v", err)
	}
	files = append(files, corpustest.File{Kind: "another", Body: files[0].Body})
	if n, err := corpustest.Write(path, files, 1000); err != nil || n != corpustest.Least {
		t.Errorf("%d, %v", n, err)
	}
	back, err := corpustest.Read(path)
	if err != nil || len(back) != corpustest.Least || back[0].Kind != "door/200" || string(back[7].Body) != "7" {
		t.Errorf("%d files, %v", len(back), err)
	}
}

// TestCorpora: every corpus of the repository has enough different files.
func TestCorpora(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"../testdata", "../*/testdata", "../../activities/testdata", "../../activities/*/testdata", "../../integrations/*/testdata"} {
		paths, err := filepath.Glob(pattern + "/corpus/*.zip")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			if _, err := corpustest.Read(p); err != nil {
				t.Error(err)
			}
		}
	}
}
