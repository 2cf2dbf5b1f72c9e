package slacktest

import "time"

// Limits of messages and views. Lengths are in Unicode code points unless a
// unit is given. Sources: [1] the block and composition references on
// docs.slack.dev and the field comments of @slack/types 3.2.0, [2] the method
// references on docs.slack.dev, [3] seen by others and not documented.
const (
	MaxMessageBlocks = 50  // blocks in a message [1]
	MaxViewBlocks    = 100 // blocks in a modal or home tab [1]
	// MaxText is where Slack cuts the text of a message [2]. The fake refuses
	// instead, so that nothing is lost unseen.
	MaxText       = 40_000
	MaxUpdateText = 4_000 // text of chat.update [2]
	// MaxBlocksTotal holds for all texts of a message's blocks together, each
	// block counting BlockOverhead more (bolt-js issues 2509 and 2867) [3].
	MaxBlocksTotal = 13_200
	BlockOverhead  = 50     // see MaxBlocksTotal [3]
	MaxMarkdown    = 12_000 // all markdown blocks of a message, or markdown_text [1]

	MaxBlockID     = 255   // block_id [1]
	MaxActionID    = 255   // action_id [1]
	MaxCallbackID  = 255   // callback_id of a view [1]
	MaxExternalID  = 255   // external_id of a view [1]
	MaxTextObject  = 3_000 // any text object, at least 1 [1]
	MaxSectionText = 3_000 // text of a section [1]
	MaxFields      = 10    // fields of a section [1]
	MaxFieldText   = 2_000 // one field of a section [1]
	MaxHeader      = 150   // text of a header [1]
	MaxContext     = 10    // elements of a context block [1]
	MaxActions     = 25    // elements of an actions block [1]
	MaxCtxActions  = 5     // elements of a context_actions block [1]
	MaxTableRows   = 100   // rows of a table [1]

	MaxButtonText   = 75    // text of a button [1]
	MaxButtonValue  = 2_000 // value of a button [1]
	MaxURL          = 3_000 // url of a button, option or image [1]
	MaxAccessLabel  = 75    // accessibility_label [1]
	MaxConfirmTitle = 100   // title of a confirmation [1]
	MaxConfirmText  = 300   // text of a confirmation [1]
	MaxConfirmLabel = 30    // confirm and deny of a confirmation [1]

	MaxLabel       = 2_000 // label of an input [1]
	MaxHint        = 2_000 // hint of an input [1]
	MaxPlaceholder = 150   // any placeholder [1]
	MaxInputLength = 3_000 // max_length of a plain_text_input [3]
	MaxOptions     = 100   // options of a menu, or of one group [1]
	MaxGroups      = 100   // option_groups of a menu [1]
	MaxChoices     = 10    // options of checkboxes and radio buttons [1]
	MaxOverflow    = 5     // options of an overflow menu [3]
	MaxOptionText  = 75    // text, value, description of an option; label of a group [1]
	MaxAltText     = 2_000 // alt_text and title of an image [1]

	MaxViewTitle = 24    // title, submit and close of a view [1]
	MaxMetadata  = 3_000 // private_metadata of a view [1]
	// MaxViewBytes is the size of a view's JSON in bytes [2].
	MaxViewBytes = 250_000
	MaxViewStack = 3 // modals on top of each other [2]

	MaxAttachments = 100 // attachments of a message [2]
	// MaxMessageMetadata is in bytes. Slack refuses large metadata and does
	// not say where that begins; staying below 1 kB is safe [3].
	MaxMessageMetadata = 1_024

	DefaultHistory = 100 // messages on a page of history [2]
	MaxHistory     = 999 // messages on a page of history [2]
	MaxDMPeople    = 8   // people of a group direct message [2]
)

// Limits of deliveries. Sources as above; [4] read in slack-go v0.35.0.
const (
	AckTimeout = 3 * time.Second // from delivery to acknowledgement [2]
	// NoticeLife is about how long a connection stays after "warning" [3].
	NoticeLife  = 10 * time.Second
	TriggerLife = 3 * time.Second // of a trigger_id [2]
	// MaxAckBytes: a socket frame from the app of this size or more is dropped
	// without a word, in bytes [4].
	MaxAckBytes      = 20_480
	MaxSockets       = 10     // Socket Mode connections of one app [2]
	MaxEventsPerHour = 30_000 // events to one workspace in an hour [2]
)

// Limits of calls, each per minute and method [2]. The burst is one minute's
// worth: Slack tells of tolerated bursts and gives no number.
const (
	Tier1       = 1
	Tier2       = 20
	Tier3       = 50
	Tier4       = 100
	TierSpecial = 600 // "hundreds of requests a minute" (auth.test)
	// TierPost is the unpublished cap of chat.postMessage for a workspace,
	// "several hundred messages a minute".
	TierPost = 300
	// PostsPerSecond holds for one channel; PostBurst posts may come at once.
	PostsPerSecond = 1
	PostBurst      = 3
)
