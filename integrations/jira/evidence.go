package jira

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	gojira "github.com/andygrunwald/go-jira"

	"github.com/aimsbot/aimsbot/activities/port"
)

// The kinds of evidence (port.EvidenceItem.Kind), in the order they are listed.
const (
	kindAttachment  = "attachment"
	kindLink        = "link"
	kindCommentLink = "comment_link"
)

// maxHashes bounds the memory for attachment hashes.
const maxHashes = 10000

// evidence lists what people put on the issue: attachments, then remote links,
// then links in comments, each by time and id. What our own account made is
// left out.
func (c *Client) evidence(ctx context.Context, i *wireIssue, changes []wireHistory, own string) ([]port.EvidenceItem, error) {
	out, err := c.attachments(ctx, i.Fields.Attachment, own)
	if err != nil {
		return nil, err
	}
	links, err := c.remoteLinks(ctx, i.ID, changes, own)
	if err != nil {
		return nil, err
	}
	comments, err := c.comments(ctx, i)
	if err != nil {
		return nil, err
	}
	out = append(out, links...)
	for _, one := range comments {
		out = append(out, commentLinks(one, own)...)
	}
	return out, nil
}

func (c *Client) attachments(ctx context.Context, list []wireAttachment, own string) ([]port.EvidenceItem, error) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b wireAttachment) int {
		return cmp.Or(a.Created.Compare(b.Created.Time), compareIDs(a.ID, b.ID))
	})
	var out []port.EvidenceItem
	for _, a := range list {
		if a.Author.AccountID == own {
			continue
		}
		item := port.EvidenceItem{Kind: kindAttachment, Name: a.Filename, By: a.Author.AccountID, At: a.Created.Time}
		sum, err := c.hash(ctx, a)
		switch {
		case errors.Is(err, errGone):
			continue
		case errors.Is(err, errTooBig):
			// Without a hash it is not bound; the address says where it is.
			if item.URL, err = c.content(ctx, a); err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		}
		item.SHA256 = sum
		out = append(out, item)
	}
	return out, nil
}

var (
	errTooBig = errors.New("the attachment is too big to hash")
	errGone   = errors.New("the attachment was deleted meanwhile")
)

// hash streams an attachment through SHA-256, once: its bytes never change.
func (c *Client) hash(ctx context.Context, a wireAttachment) (string, error) {
	if a.Size > maxAttachment {
		return "", errTooBig
	}
	c.mu.Lock()
	sum, known := c.hashes[a.ID]
	c.mu.Unlock()
	if known {
		return sum, nil
	}
	from, err := c.content(ctx, a)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	var size int64
	err = c.do(ctx, call{name: "GET attachment/content"}, func(ctx context.Context) (*gojira.Response, error) {
		req, err := c.api.NewRequestWithContext(ctx, "GET", strings.TrimPrefix(from, c.base+"/"), nil)
		if err != nil {
			return nil, &unsentError{err}
		}
		resp, err := c.api.Do(req, nil)
		if err != nil {
			return resp, err
		}
		size, err = io.Copy(h, io.LimitReader(resp.Body, maxAttachment+1))
		return resp, err
	})
	var o *port.OutsideError
	switch {
	case errors.As(err, &o) && o.Code == "404":
		return "", errGone
	case err != nil:
		return "", err
	case size > maxAttachment:
		return "", errTooBig
	}
	sum = hex.EncodeToString(h.Sum(nil))
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.hashes) >= maxHashes {
		clear(c.hashes)
	}
	c.hashes[a.ID] = sum
	return sum, nil
}

// serverAttachment is where a Data Center keeps attachments.
const serverAttachment = "/secure/attachment/"

// content is where the bytes of an attachment are. A Data Center says so with
// the attachment; of that only what follows our own address is taken, since the
// site may call itself by another.
func (c *Client) content(ctx context.Context, a wireAttachment) (string, error) {
	id, err := issuePath(a.ID)
	if err != nil {
		return "", err
	}
	dc, err := c.dataCenter(ctx)
	if err != nil {
		return "", err
	}
	if !dc {
		return c.base + "/rest/api/2/attachment/content/" + id + "?redirect=false", nil
	}
	_, name, _ := strings.Cut(a.Content, serverAttachment+id+"/")
	if name == "" || strings.ContainsAny(name, "/?#") {
		name = url.PathEscape(a.Filename)
	}
	return c.base + serverAttachment + id + "/" + name, nil
}

// remoteLinks lists the web links. Jira does not say with a link who made it;
// the changelog does where it has an entry for the link's id.
func (c *Client) remoteLinks(ctx context.Context, id string, changes []wireHistory, own string) ([]port.EvidenceItem, error) {
	var list []gojira.RemoteLink
	err := c.do(ctx, call{name: "GET issue/remotelink"}, func(ctx context.Context) (*gojira.Response, error) {
		links, resp, err := c.api.Issue.GetRemoteLinksWithContext(ctx, id)
		if links != nil {
			list = *links
		}
		return resp, err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b gojira.RemoteLink) int { return cmp.Compare(a.ID, b.ID) })
	var out []port.EvidenceItem
	for _, l := range list {
		if l.Object == nil || !isWeb(l.Object.URL) || strings.HasPrefix(l.GlobalID, "aims-") {
			continue
		}
		item := port.EvidenceItem{Kind: kindLink, Name: l.Object.Title, URL: l.Object.URL}
		for _, h := range changes {
			for _, ch := range h.Items {
				if ch.Field == "RemoteIssueLink" && ch.To != nil && *ch.To == strconv.Itoa(l.ID) {
					item.By, item.At = h.Author.AccountID, h.Created.Time
				}
			}
		}
		if item.By != own {
			out = append(out, item)
		}
	}
	return out, nil
}

// comments are all comments of the issue, oldest first.
func (c *Client) comments(ctx context.Context, i *wireIssue) ([]wireComment, error) {
	list := i.Fields.Comment.Comments
	if len(list) < i.Fields.Comment.Total {
		list = nil
		for range maxPages {
			q := url.Values{"orderBy": {"created"}, "startAt": {strconv.Itoa(len(list))}, "maxResults": {strconv.Itoa(pageSize)}}
			var page commentPage
			if err := c.raw(ctx, call{name: "GET issue/comment"}, "issue/"+i.ID+"/comment?"+q.Encode(), nil, &page); err != nil {
				return nil, err
			}
			list = append(list, page.Comments...)
			if len(page.Comments) == 0 || len(list) >= page.Total {
				break
			}
		}
	}
	slices.SortStableFunc(list, func(a, b wireComment) int {
		return cmp.Or(a.Created.Compare(b.Created.Time), compareIDs(a.ID, b.ID))
	})
	return list, nil
}

// reLink finds web addresses in a comment's markup, where "|" and brackets
// end one.
var reLink = regexp.MustCompile(`https?://[^\s|\[\]<>"{}\\^]+`)

// commentLinks are the links of a comment. Who edited it last answers for it.
func commentLinks(m wireComment, own string) []port.EvidenceItem {
	if m.Author.AccountID == own || m.UpdateAuthor.AccountID == own {
		return nil
	}
	by, at := m.Author.AccountID, m.Created.Time
	if m.Updated.After(at) {
		at = m.Updated.Time
		if m.UpdateAuthor.AccountID != "" {
			by = m.UpdateAuthor.AccountID
		}
	}
	var out []port.EvidenceItem
	for _, link := range reLink.FindAllString(m.Body, -1) {
		link = strings.TrimRight(link, `.,;:!?)'*_~`)
		seen := slices.ContainsFunc(out, func(e port.EvidenceItem) bool { return e.URL == link })
		if isWeb(link) && !seen {
			out = append(out, port.EvidenceItem{Kind: kindCommentLink, Name: link, URL: link, By: by, At: at})
		}
	}
	return out
}

func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
