package main

import (
	"errors"
	"os"

	"github.com/aimsbot/aimsbot/integrations/ledger"
)

// settingDatabase names the PostgreSQL database of the ledger; unset = SQLite in
// the data folder.
const settingDatabase = "DATABASE_URL"

// readDatabase reads and checks the setting. Its error names the variable and
// holds no password.
func readDatabase() (ledger.DatabaseURL, error) {
	u := ledger.DatabaseURL(os.Getenv(settingDatabase))
	if u == "" {
		return "", nil
	}
	if err := u.Check(); err != nil {
		return "", errors.New(settingDatabase + " " + err.Error())
	}
	return u, nil
}
