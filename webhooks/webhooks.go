// Package webhooks receives StackBE's events: it verifies their signatures, reads
// them strictly, and handles each event once, in one replica or in many.
//
//	verifier, err := webhooks.NewVerifier(os.Getenv("STACKBE_WEBHOOK_SECRET"))
//	if err != nil {
//		return err
//	}
//	handler, err := webhooks.NewHandler(verifier,
//		webhooks.OnApplicationApproved(func(ctx context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
//			return welcome(ctx, approved.Application.Email, approved.Affiliate.Code)
//		}))
//	if err != nil {
//		return err
//	}
//	http.Handle("/webhooks/stackbe", handler)
//
// A [Verifier] alone serves receivers that have a router of their own: see
// [Verifier.ParseRequest]. Several replicas share a [Claims] store, see
// [WithClaims]. [Sign] and [NewRequest] make signed deliveries for tests.
//
// # Signatures
//
// StackBE documents neither the header nor the format of its signatures, so three
// schemes are read. Their headers distinguish them: see [Scheme]. A signature of
// one scheme never verifies under another.
//
// The signature is over the raw bytes of the body. A body that was decoded and
// encoded again, for example by a middleware, no longer verifies.
//
// # Delivery
//
// A sender retries a delivery until it gets a 2xx response, so an event may arrive
// again, at the same time as the first or long after it. [Handler] calls an event's
// function under a claim on the event's id, and acknowledges an event that is done
// without calling it again.
package webhooks
