package jira

import "time"

// What Jira Cloud takes. Longer texts are cut by runes, never refused.
const (
	// maxSummary is in characters; the create call answers "Summary can't
	// exceed 255 characters".
	maxSummary = 255
	// maxText is in characters, of a description or a comment;
	// https://support.atlassian.com/jira-cloud-administration/docs/configure-the-text-field-character-limit/
	maxText = 32767
	// maxAttachment is in bytes: an attachment above it is named but not
	// hashed, so that nobody can make us read for hours. Our own limit.
	maxAttachment = 25 << 20
	// maxAnswer is in bytes, of any answer we read. Our own limit.
	maxAnswer = 32 << 20
	// maxWebhook is in bytes. Our own limit; Jira names none, and sends the
	// issue's fields once.
	maxWebhook = 1 << 20
	// pageSize is the number of changes or comments of a page;
	// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/
	pageSize = 100
	// metaPageSize is the number of issue types or fields of a page.
	metaPageSize = 50
	// maxPages ends a listing that never says it is the last page. Our own.
	maxPages = 100
	// maxCommentIDs is how many comments one call of comment/list takes;
	// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-comments/
	maxCommentIDs = 1000
	// maxErrorText is in characters, of what Jira says, kept in an error.
	maxErrorText = 300
)

// Rates kept towards Jira Cloud, a tenth below what it takes, since its clock
// is not ours; https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
var (
	// A bucket of 100 refilled with 10 a second, per endpoint and method; of
	// 50 for PUT and DELETE.
	rateCall  = Limit{PerSecond: 9, Burst: 90}
	rateEdit  = Limit{PerSecond: 9, Burst: 45}
	rateSite  = Limit{PerSecond: 9, Burst: 90}   // Data Center: one bucket per user, set by its admin; as much as we ask of one call in the Cloud
	rateIssue = Limit{PerSecond: 2.6, Burst: 10} // 20 writes in 2 s and 100 in 30 s to one issue
)

const (
	// callTimeout ends a call whose context has no earlier end.
	callTimeout = 30 * time.Second
	// maxWait is how long a call waits for its turn; beyond it the caller is
	// told when to come again.
	maxWait = 2 * time.Second
	// pauseUnsaid is the pause after a 429 that does not say how long: a
	// gateway's.
	pauseUnsaid = 5 * time.Second
	// pauseUnready is the pause after a refused look before a change: somebody
	// has to mend the set-up.
	pauseUnready = 30 * time.Second
)
