// Validates JSON bodies against an OpenAPI document with Ajv. Standard input is
// {"document": …, "exchanges": [{"method", "path", "status", "sent"?, "received"?}]}; standard
// output is {"validated": n, "problems": [text]}. Ajv runs with its defaults, which is what a
// reader of the document runs: formats are checked, and numbers are binary floating point.
import { text } from "node:stream/consumers";

import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import addInternationalFormats from "ajv-formats-draft2019";

const { document, exchanges } = JSON.parse(await text(process.stdin));

const ajv = new Ajv({ allErrors: true });
addFormats(ajv);
addInternationalFormats(ajv, ["idn-email"]);
ajv.addFormat("iri", URL.canParse); // that of ajv-formats-draft2019 refuses every fragment
ajv.addVocabulary(["x-decimals", "x-source", "openapi", "info", "servers", "tags", "paths", "components", "example"]);
ajv.addSchema(document, "openapi.json");

// follow returns where the pointer's $ref leads, if it has one.
function follow(pointer) {
  let value = document;
  for (const key of pointer.split("/").slice(1)) {
    value = value?.[key.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return value?.$ref ? follow(value.$ref.slice(1)) : { pointer, value };
}

function schemaOf(...keys) {
  const { pointer } = follow("/" + keys.map((key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1")).join("/"));
  const schema = follow(pointer + "/content/application~1json/schema");
  return schema.value && ajv.getSchema("openapi.json#" + encodeURI(schema.pointer)); // compiled once
}

const result = { validated: 0, problems: [] };

function validate(what, body, schema) {
  if (body === undefined) return;
  if (!schema) {
    result.problems.push(`${what}: the document has no schema for it`);
    return;
  }
  result.validated++;
  if (!schema(body)) result.problems.push(`${what}: ${ajv.errorsText(schema.errors)}: ${JSON.stringify(body)}`);
}

for (const { method, path, status, sent, received } of exchanges) {
  const operation = ["paths", path, method.toLowerCase()];
  const what = `${method} ${path}`;
  if (status < 300) validate(`${what} sends`, sent, schemaOf(...operation, "requestBody"));
  validate(`${what} receives ${status}`, received, schemaOf(...operation, "responses", status));
}

console.log(JSON.stringify(result));
