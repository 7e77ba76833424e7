// Starts stackbe-mock, and plays the partner program on it with fetch: an application, its approval,
// the webhooks about it, the dashboard, and a payout. Prints what it has seen, as JSON.
//
//   node program.mjs <path of stackbe-mock>
import { spawn } from "node:child_process";
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

const secret = "a secret of the webhook";

// The receiver of the webhooks refuses what is not signed with the secret.
const events = [];
const receiver = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const [, timestamp, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(request.headers["x-stackbe-signature"] ?? "") ?? [];
  const expected = createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest();
  if (!hex || !timingSafeEqual(expected, Buffer.from(hex, "hex"))) return response.writeHead(401).end();
  events.push(JSON.parse(body));
  response.writeHead(204).end();
});
receiver.listen(0, "127.0.0.1");
await once(receiver, "listening");
const webhook = `http://127.0.0.1:${receiver.address().port}/webhooks`;

const mock = spawn(process.argv[2], ["-json", "-addr", "127.0.0.1:0", "-webhook-url", webhook, "-webhook-secret", secret], {
  stdio: ["ignore", "pipe", "inherit"],
});
const exited = once(mock, "exit");
const [line] = await once(createInterface({ input: mock.stdout }), "line");
const server = JSON.parse(line);

async function call(method, path, credential, body, headers = {}) {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...credential, ...headers, ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function succeed(...request) {
  const response = await call(...request);
  if (response.status > 299) throw new Error(`${request[0]} ${request[1]}: ${response.status} ${JSON.stringify(response.body)}`);
  return response.body;
}

const key = { "x-api-key": server.apiKey };
const admin = { authorization: `Bearer ${server.adminToken}` };
const app = `/v1/apps/${server.appId}`;
const control = new URL(server.controlUrl).pathname;
const saw = {};

try {
  const application = { email: "jane@acme.com", name: "Jane Smith" };
  const applied = await succeed("POST", "/v1/affiliate/apply", key, application);
  saw.applied = applied.status;
  const duplicate = await call("POST", "/v1/affiliate/apply", key, application);
  saw.duplicate = duplicate.status;
  saw.refusal = duplicate.body.code;

  const review = await succeed("POST", `${app}/affiliates/applications/${applied.id}/review`, admin, { action: "approve", code: "JANE20" });
  const session = await succeed("POST", `${control}/sessions`, {}, { customerId: review.affiliate.customerId });
  const jane = { authorization: `Bearer ${session.sessionToken}` };

  const click = await succeed("POST", "/v1/affiliate/track", key, { code: "JANE20", url: "https://yoursite.com?ref=JANE20" });
  const john = await succeed("POST", `${app}/customers`, admin, { email: "john@company.com", clickId: click.clickId });
  await succeed("POST", `${app}/subscriptions`, admin, { customerId: john.id, plan: "enterprise" });
  let dashboard = await succeed("GET", "/v1/affiliate/dashboard", jane);
  saw.clicks = dashboard.stats.clicks;
  saw.customers = dashboard.stats.customers;
  saw.inReview = dashboard.earnings.inReview;

  const settled = await succeed("GET", `${control}/deliveries?settle=true`, {});
  saw.deliveries = [...new Set(settled.data.map((delivery) => delivery.state))].join();
  saw.events = events.map((event) => event.event ?? event.type);
  saw.welcome = events[0].data.affiliate.code;

  await succeed("POST", `${control}/clock`, {}, { advance: "30d" });
  dashboard = await succeed("GET", "/v1/affiliate/dashboard", jane);
  saw.ready = dashboard.earnings.ready;

  const idempotency = { "idempotency-key": "payout-1" };
  const payout = await succeed("POST", "/v1/affiliate/account/payouts", jane, {}, idempotency);
  const again = await call("POST", "/v1/affiliate/account/payouts", jane, {}, idempotency);
  saw.payout = again.body.id === payout.id && payout.amount;
  saw.replayed = again.headers.get("idempotency-replayed");
  saw.second = (await call("POST", "/v1/affiliate/account/payouts", jane, {})).body.code;
  for (const status of ["processing", "paid"]) {
    await succeed("POST", `${app}/affiliates/payouts/${payout.id}/status`, admin, { status });
  }
  dashboard = await succeed("GET", "/v1/affiliate/dashboard", jane);
  saw.paid = dashboard.earnings.paid;
  saw.unauthorized = (await call("GET", "/v1/affiliate/dashboard", key)).status;
} finally {
  mock.kill("SIGINT");
  [saw.status] = await exited;
  receiver.close();
  receiver.closeAllConnections();
}
console.log(JSON.stringify(saw));
