# apply
curl -X POST https://api.stackbe.io/v1/affiliate/apply \
-H "x-api-key: YOUR_API_KEY" \
-H "Content-Type: application/json" \
-d '{
"email": "partner@example.com",
"name": "Jane Smith",
"company": "Acme Inc",
"website": "https://acme.com",
"reason": "I have a large audience in the SaaS space"
}'

# status
curl https://api.stackbe.io/v1/affiliate/apply/status?email=partner@example.com \
-H "x-api-key: YOUR_API_KEY"

# look up
curl https://api.stackbe.io/v1/affiliate/by-customer/cust_123 \
-H "x-api-key: YOUR_API_KEY"

# approve
curl -X POST https://api.stackbe.io/v1/apps/APP_ID/affiliates/applications/APPLICATION_ID/review \
-H "Authorization: Bearer YOUR_JWT" \
-H "Content-Type: application/json" \
-d '{
"action": "approve",
"code": "JANE20"
}'

# reject
curl -X POST https://api.stackbe.io/v1/apps/APP_ID/affiliates/applications/APPLICATION_ID/review \
-H "Authorization: Bearer YOUR_JWT" \
-H "Content-Type: application/json" \
-d '{
"action": "reject",
"rejectionReason": "Not a good fit at this time"
}'
