// Signs events with nothing but node:crypto, and posts them with fetch. Prints the
// response to each delivery, a line of JSON each.
//
//   node sender.mjs <url> <secret> <other secret>
import { createHmac, randomUUID } from "node:crypto";

const [url, secret, otherSecret] = process.argv.slice(2);

const hmac = (key, text) => createHmac("sha256", key).update(text, "utf8");
const decoded = (secret) => Buffer.from(secret.slice("whsec_".length), "base64");
const now = () => Math.floor(Date.now() / 1000);

const schemes = {
  timestamped: (body, secrets, at) => ({
    "x-stackbe-signature": [`t=${at}`, ...secrets.map((s) => "v1=" + hmac(s, `${at}.${body}`).digest("hex"))].join(","),
  }),
  body: (body, [secret]) => ({
    "x-stackbe-signature": "sha256=" + hmac(secret, body).digest("hex"),
  }),
  standard: (body, secrets, at) => {
    const id = "msg_" + randomUUID();
    const sign = (s) => "v1," + hmac(decoded(s), `${id}.${at}.${body}`).digest("base64");
    return { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": secrets.map(sign).join(" ") };
  },
};

const names = {
  plain: "Jane Smith",
  unicode: "Zoë Ångström 株式会社 مرحبا 👩‍👩‍👧 \u2028",
  escaped: 'a "quote", a \\, a \u0000 and a \ud83d alone', // which JSON.stringify escapes
};

const approved = (id, name) => ({
  id,
  event: "partner_application_approved",
  timestamp: new Date().toISOString(),
  data: {
    application: { id: "app_" + id, email: "partner@example.com", name },
    affiliate: { id: "aff_" + id, code: "JANE20", customer_id: "cust_123" },
    amount: 1e21,
  },
});

async function post(scheme, what, body, header) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...header },
    body,
    ...(body instanceof ReadableStream && { duplex: "half" }),
  });
  await response.arrayBuffer();
  console.log(JSON.stringify({ scheme, what, status: response.status }));
}

for (const [scheme, sign] of Object.entries(schemes)) {
  const event = (what, name = names.plain) => approved(`evt_${scheme}_${what}`, name);

  for (const [what, name] of Object.entries(names)) {
    const body = JSON.stringify(event(what, name));
    await post(scheme, what, body, sign(body, [secret], now()));
  }

  const indented = JSON.stringify(event("indented"), null, "\t") + "\n";
  await post(scheme, "indented", indented, sign(indented, [secret], now()));

  const long = JSON.stringify({ ...event("long"), padding: "株".repeat(100_000) });
  await post(scheme, "long", long, sign(long, [secret], now()));

  const streamed = JSON.stringify(event("streamed", names.unicode));
  const halves = [Buffer.from(streamed).subarray(0, 130), Buffer.from(streamed).subarray(130)];
  await post(scheme, "streamed", ReadableStream.from(halves), sign(streamed, [secret], now()));

  const again = JSON.stringify(event("again"));
  await post(scheme, "again", again, sign(again, [secret], now()));
  await post(scheme, "again, a second time", again, sign(again, [secret], now()));

  const body = JSON.stringify(event("refused"));
  await post(scheme, "other secret", body, sign(body, [otherSecret], now()));
  await post(scheme, "tampered", body.replace("JANE20", "EVIL20"), sign(body, [secret], now()));
  await post(scheme, "encoded again", JSON.stringify(JSON.parse(indented)), sign(indented, [secret], now()));
  await post(scheme, "unsigned", body, {});

  if (scheme !== "body") {
    for (const [what, secrets] of [["rotated", [otherSecret, secret]], ["rotated back", [secret, otherSecret]]]) {
      const body = JSON.stringify(event(what));
      await post(scheme, what, body, sign(body, secrets, now()));
    }
    await post(scheme, "old", body, sign(body, [secret], now() - 400));
    await post(scheme, "early", body, sign(body, [secret], now() + 400));
  }
}
