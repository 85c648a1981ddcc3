package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

type reply struct {
	status        int // 0 = none.
	header, value string
	body          string
}

var (
	allowed      = reply{status: 200, body: `{"allowed": true}`}
	failOpen     = reply{200, "spend-check", "fail-open", `{"allowed": true}`}
	degraded     = reply{status: 200, body: `{"allowed": true, "degraded": true}`}
	rejected     = reply{status: 409, body: `{"code": "spend_limit_exceeded", "message": "Chat usage limit exceeded."}`}
	frozen       = reply{status: 409, body: `{"code": "frozen", "message": "This chat is frozen."}`}
	conflict     = reply{status: 409, body: `{"code": "chat_conflict"}`}
	lookupFailed = reply{503, "Retry-After", "0", `{"code": "lookup_failed"}`}
	kafkaDown    = reply{503, "Retry-After", "0", `{"code": "kafka_unavailable"}`}
	fault        = reply{status: 500, body: "no JSON"}
	silence      = reply{}
)

// answering starts a ledger that gives these replies, one after the other, and the last one again and again.
func answering(t *testing.T, replies ...reply) (ledger *Ledger, asked *int) {
	asked = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply := replies[len(replies)-1]
		if *asked < len(replies) {
			reply = replies[*asked]
		}
		*asked++
		io.Copy(io.Discard, r.Body) // Only then does the server see that the client has gone.
		if reply.status == 0 {
			<-r.Context().Done()
			return
		}
		w.Header().Set(reply.header, reply.value)
		w.WriteHeader(reply.status)
		w.Write([]byte(reply.body))
	}))
	t.Cleanup(server.Close)
	return &Ledger{URL: server.URL}, asked
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name                 string
		given                []reply
		tries                int
		stop                 string
		failOpen, unanswered int64
	}{
		{name: "goes on within the limit", given: []reply{allowed}, tries: 1},
		{name: "goes on and counts where nobody could tell", given: []reply{failOpen}, tries: 1, failOpen: 1},
		{name: "goes on with a reading that may be behind", given: []reply{degraded}, tries: 1},
		{name: "stops at the limit and does not ask again", given: []reply{rejected}, tries: 1, stop: "spend_limit_exceeded"},
		{name: "stops in a frozen tree and does not ask again", given: []reply{frozen}, tries: 1, stop: "frozen"},
		{name: "does not take another 409 for the limit", given: []reply{conflict}, tries: 1, unanswered: 1},
		{name: "asks again where the ledger says so", given: []reply{lookupFailed, lookupFailed, allowed}, tries: 3},
		{name: "asks again five times at most", given: []reply{lookupFailed}, tries: 5, stop: "lookup_failed"},
		{name: "goes on and counts at a fault", given: []reply{fault}, tries: 1, unanswered: 1},
		{name: "goes on and counts without an answer in time", given: []reply{silence}, tries: 1, unanswered: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			ledger, asked := answering(t, c.given...)
			err := ledger.Check(context.Background(), "team/7", "model_step")
			stop := ""
			var stopped *Stopped
			if errors.As(err, &stopped) {
				stop = stopped.Code
			} else if err != nil {
				t.Fatal(err)
			}
			if stop != c.stop || *asked != c.tries || ledger.FailOpen.Load() != c.failOpen ||
				ledger.Unanswered.Load() != c.unanswered {
				t.Errorf("stop %q after %d tries, %d fail-open, %d unanswered; want %+v",
					stop, *asked, ledger.FailOpen.Load(), ledger.Unanswered.Load(), c)
			}
		})
	}
}

func TestWriteSendsAgainUntilTheLedgerHasIt(t *testing.T) {
	ledger, asked := answering(t, kafkaDown, kafkaDown, reply{status: 202, body: `{"accepted": 1}`})
	if err := ledger.Write(context.Background(), "/v1/messages", map[string]any{}); err != nil || *asked != 3 {
		t.Errorf("%v after %d tries", err, *asked)
	}
}

func TestWriteSaysWhatTheLedgerRefuses(t *testing.T) {
	ledger, asked := answering(t, conflict)
	if err := ledger.Write(context.Background(), "/v1/chats", map[string]any{}); err == nil || *asked != 1 {
		t.Errorf("%v after %d tries", err, *asked)
	}
}
