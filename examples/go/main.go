// A chat service in small: a chat calls a model until the ledger stops it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	ledger := &Ledger{URL: os.Getenv("LEDGER_URL")}
	if ledger.URL == "" {
		ledger.URL = "http://127.0.0.1:8080"
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	chat := fmt.Sprintf("chat-%d", time.Now().UnixNano())
	err := ledger.Write(ctx, "/v1/chats",
		map[string]any{"chat_id": chat, "account_id": "acme", "spend_limit_micros": 100_000})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(chat, "may spend 100000 micros.")

	messages, spent := 0, 0
	for err = ledger.Check(ctx, chat, "model_step"); err == nil; err = ledger.Check(ctx, chat, "model_step") {
		time.Sleep(20 * time.Millisecond) // Stands for the call of a model.
		messages++
		spent += 12_345
		// The id is that of the call: sent again, it counts once.
		err = ledger.Write(ctx, "/v1/messages", map[string]any{
			"message_id": fmt.Sprintf("%s-call-%d", chat, messages), "chat_id": chat, "account_id": "acme",
			"cost_micros": 12_345})
		if err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("%d messages written, %d micros.\n", messages, spent)
	fmt.Printf("Checks without an answer: %d; with fail-open: %d.\n", ledger.Unanswered.Load(), ledger.FailOpen.Load())
	var stopped *Stopped
	if !errors.As(err, &stopped) {
		log.Fatal("Never stopped: ", err)
	}
	fmt.Printf("Stopped (%s): %s %s\n", stopped.Code, stopped.Message, stopped.Detail)
}
