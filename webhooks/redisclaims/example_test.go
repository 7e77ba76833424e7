package redisclaims_test

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/redis/go-redis/v9"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/redisclaims"
)

// All replicas share the Redis, and one of them handles each event.
func Example() {
	client := redis.NewClient(&redis.Options{
		Addr:                  os.Getenv("REDIS_ADDRESS"),
		ContextTimeoutEnabled: true, // without which New refuses it
	})
	claims, err := redisclaims.New(client)
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := webhooks.NewVerifier(os.Getenv("STACKBE_WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	handler, err := webhooks.NewHandler(verifier,
		webhooks.WithClaims(claims),
		webhooks.OnApplicationApproved(func(ctx context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
			log.Println(approved.Application.Name, "is a partner") // an effect that may take place twice
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/webhooks/stackbe", handler)
}
