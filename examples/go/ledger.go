package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	checkTimeout = 500 * time.Millisecond // Above LEDGER_CHECK_DEADLINE_MS, which is 250.
	writeTimeout = 10 * time.Second       // Above LEDGER_WRITE_TIMEOUT_MS, which is 5 s.
	mostTries    = 5
)

// Ledger asks the ledger at URL, and tells it of chats and messages.
type Ledger struct {
	URL string

	// For your metrics: how many steps were allowed because the ledger could not tell, or did not answer.
	FailOpen, Unanswered atomic.Int64
}

// Stopped says why a chat may not go on. Message is for its user.
type Stopped struct{ Code, Message, Detail string }

func (s *Stopped) Error() string { return s.Message + " " + s.Detail }

// Check returns nil if the chat may go on, and *Stopped if not. Only the ledger's word stops a chat: without an answer
// it goes on. The operation is send_message, edit_message, promote_queued, model_step or spawn.
func (l *Ledger) Check(ctx context.Context, chatID, operation string) error {
	path := "/v1/chats/" + url.PathEscape(chatID) + "/check"
	for try := 1; ; try++ {
		a := l.post(ctx, checkTimeout, path, map[string]string{"operation": operation})
		switch {
		case ctx.Err() != nil: // The caller has given up.
			return ctx.Err()
		case a.Code == "spend_limit_exceeded" || a.Code == "frozen": // Asking again does not help.
			return &Stopped{a.Code, a.Message, a.Detail}
		case a.Code == "lookup_failed" && try == mostTries: // Only with LEDGER_ON_LOOKUP_ERROR=closed.
			return &Stopped{a.Code, a.Message, a.Detail}
		case a.Code == "lookup_failed":
			if err := a.pause(ctx); err != nil {
				return err
			}
			continue
		case !a.Allowed: // No answer in time, or none of the ledger's.
			l.Unanswered.Add(1)
		case a.header.Get("spend-check") == "fail-open":
			l.FailOpen.Add(1)
		}
		return nil
	}
}

// Write sends a chat to /v1/chats, or messages to /v1/messages, until the ledger has them, refuses them, or the context
// is done. It may send them more than once, so give them ids.
func (l *Ledger) Write(ctx context.Context, path string, body any) error {
	for {
		a := l.post(ctx, writeTimeout, path, body)
		switch a.status / 100 {
		case 2:
			return nil
		case 4:
			return fmt.Errorf("%s: %d %s: %s %s", path, a.status, a.Code, a.Message, a.Detail)
		}
		if err := a.pause(ctx); err != nil {
			return err
		}
	}
}

type answer struct {
	status int // 0 = there was none.
	header http.Header

	Allowed               bool
	Code, Message, Detail string
}

func (l *Ledger) post(ctx context.Context, timeout time.Duration, path string, body any) (a answer) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	sent, err := json.Marshal(body)
	if err != nil {
		panic(err) // What cannot be JSON is a fault of the caller.
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL+path, bytes.NewReader(sent))
	if err != nil {
		panic(err) // So is a URL that is none.
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}
	}
	defer response.Body.Close()
	if json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&a) != nil {
		a = answer{}
	}
	a.status, a.header = response.StatusCode, response.Header
	return a
}

// pause waits as long as the ledger asks for, or a second.
func (a answer) pause(ctx context.Context) error {
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil {
		seconds = 1
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(seconds) * time.Second):
		return nil
	}
}
