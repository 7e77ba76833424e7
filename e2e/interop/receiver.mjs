// Receives deliveries, and verifies them by hand with node:crypto, those in the scheme standard also
// with the packages of npm that are named: 204 for a good one, 401 for another. Prints its port, then
// a line of JSON for each delivery. Ends with its input.
//
//   node receiver.mjs <secret> [<package>…]
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const [secret, ...names] = process.argv.slice(2);
const tolerance = 300; // seconds

const hmac = (key, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac("sha256", key)).digest();
const recent = (timestamp) => /^\d+$/.test(timestamp) && Math.abs(Date.now() / 1000 - Number(timestamp)) <= tolerance;
const equal = (a, b) => a.length === b.length && timingSafeEqual(a, b);

// schemes tell what a delivery's headers hold: whether it is in time, what was signed
// before the body, with which key, and the signatures.
const schemes = {
  timestamped: (headers) => {
    const elements = headers["x-stackbe-signature"].split(",").map((element) => element.split("="));
    const timestamp = elements.find(([name]) => name === "t")[1];
    const signatures = elements.filter(([name]) => name === "v1").map(([, hex]) => Buffer.from(hex, "hex"));
    return { inTime: recent(timestamp), prefix: `${timestamp}.`, key: secret, signatures };
  },
  body: (headers) => {
    const hex = headers["x-stackbe-signature"].slice("sha256=".length);
    return { inTime: true, prefix: "", key: secret, signatures: [Buffer.from(hex, "hex")] };
  },
  standard: (headers) => {
    const timestamp = headers["webhook-timestamp"];
    const signatures = headers["webhook-signature"].split(" ").map((element) => Buffer.from(element.split(",")[1], "base64"));
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    return { inTime: recent(timestamp), prefix: `${headers["webhook-id"]}.${timestamp}.`, key, signatures };
  },
};

function schemeOf(headers) {
  if (headers["webhook-signature"]) return "standard";
  return headers["x-stackbe-signature"].startsWith("sha256=") ? "body" : "timestamped";
}

// packages verify a delivery with their class Webhook, which throws an error if it is not genuine.
const packages = await Promise.all(names.map(async (name) => [name, new (await import(name)).Webhook(secret)]));

function refusedBy(headers, body) {
  return packages.filter(([, webhook]) => {
    try {
      webhook.verify(body.toString("utf8"), headers);
      return false;
    } catch {
      return true;
    }
  }).map(([name]) => name);
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const scheme = schemeOf(request.headers);
  const { inTime, prefix, key, signatures } = schemes[scheme](request.headers);
  const byHand = inTime && signatures.some((signature) => equal(signature, hmac(key, prefix, body)));
  const refused = scheme === "standard" ? refusedBy(request.headers, body) : [];
  const verified = byHand && refused.length === 0;
  console.log(JSON.stringify({ scheme, verified, refused, signatures: signatures.length, event: JSON.parse(body) }));
  response.writeHead(verified ? 204 : 401).end();
});

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
