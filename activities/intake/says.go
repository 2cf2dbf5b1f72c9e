package intake

// What people are told. Short, plain, and always with what happens next.
const (
	sayTryAgain     = "This could not be stored just now, so nothing was recorded. Please try again in a minute."
	sayNoSuchButton = "This button is not part of what was asked, so nothing was recorded. Please use the newest message about it."
	saySuperseded   = "The evidence changed after this message was sent, so this answer does not count. A newer message asks again with the new evidence."
	sayWithdrawn    = "This is no longer needed, so there is nothing to do. Your answer was kept on file."
	sayDecided      = "This was already decided before your answer came in. Your answer was kept on file but does not change the decision."
	sayAnswered     = "This was already answered before yours came in. Your answer was kept on file but does not change the result."
	sayTooLarge     = "This is more than can be stored in one answer. Please shorten your texts and send it again."
	sayNoEvidence   = "No evidence document belongs to this message."
	sayUnreadable   = "This could not be read just now. Please try again in a minute."
	sayUnconfirmed  = "Slack could not confirm your account just now, so nothing was done. Please try again in a minute."
	sayNoCommand    = "This command only works for people registered in the organisation file of this workspace. The AIMS manager can add you."
)
