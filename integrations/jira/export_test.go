package jira

// NewLocalLimiter lets tests hold the limiter of one process against the site.
var NewLocalLimiter = newLocalLimiter
