// The partner program through openapi-fetch, typed by what openapi-typescript generates.
import createClient from "openapi-fetch";

import type { components, paths } from "./client.js";

declare const process: { env: Record<string, string | undefined> };
const environment = (name: string): string => process.env[name] ?? "";
const api = createClient<paths>({ baseUrl: environment("STACKBE_BASE_URL") });
const path = { appId: environment("STACKBE_APP_ID") };
const key = { "x-api-key": environment("STACKBE_API_KEY") };
const session = { Authorization: `Bearer ${environment("STACKBE_SESSION_TOKEN")}` };
const admin = { Authorization: `Bearer ${environment("STACKBE_ADMIN_TOKEN")}` };

function expected<T>(result: { data?: T; response: Response }): T {
  if (!result.data) throw new Error(`${result.response.url}: ${result.response.status}`);
  return result.data;
}

const application: components["schemas"]["ApplicationRequest"] = { email: "é@x.com", name: "Zoë", website: "http://acme.com/é" };
const applied = expected(await api.POST("/v1/affiliate/apply", { headers: key, body: application }));
const duplicate = await api.POST("/v1/affiliate/apply", { headers: key, body: application });
const invalid = await api.POST("/v1/affiliate/apply", { headers: key, body: { email: "", name: "" } });
const status = expected(await api.GET("/v1/affiliate/apply/status", { headers: key, params: { query: { email: application.email } } }));
const page = expected(
  await api.GET("/v1/apps/{appId}/affiliates/applications", { headers: admin, params: { path, query: { status: "pending" } } }),
);
const review = expected(
  await api.POST("/v1/apps/{appId}/affiliates/applications/{applicationId}/review", {
    headers: admin,
    params: { path: { ...path, applicationId: applied.id } },
    body: { action: "approve", code: "ZOE20" },
  }),
);
const partner = expected(
  await api.GET("/v1/affiliate/by-customer/{customerId}", {
    headers: key,
    params: { path: { customerId: review.affiliate?.customerId ?? "" } },
  }),
);
const dashboard = expected(await api.GET("/v1/affiliate/dashboard", { headers: session }));
const link = expected(await api.GET("/v1/affiliate/portal-link", { headers: session }));
const click = async () =>
  await api.POST("/v1/affiliate/track", { headers: key, params: { header: { "Idempotency-Key": "click-1" } }, body: { code: "zoe20" } });
await click();
const second = await click();
const deal = expected(await api.POST("/v1/affiliate/deals", { headers: session, body: { leadEmail: "lead@company.com", leadName: "John Smith" } }));
const settings = expected(
  await api.PATCH("/v1/apps/{appId}/affiliates/settings", {
    headers: admin,
    params: { path },
    body: {
      minPayoutAmount: 19.99,
      cookieDurationDays: 14,
      levels: [{ name: "Gold", minPaidSubscriptions: 5, minMonthlyValue: 4.35, commissionRate: 12.07 }],
    },
  }),
);

console.log(
  JSON.stringify({
    applied: applied.status,
    duplicate: duplicate.error?.statusCode,
    refusal: duplicate.error?.code,
    problems: Array.isArray(invalid.error?.message) && invalid.error.message.length,
    status: status.applied && status.status,
    website: page.data[0]?.website,
    code: review.affiliate?.code,
    enrolled: partner.enrolled,
    pendingBalance: dashboard.affiliate.pendingBalance,
    portal: (await fetch(link.url, { redirect: "manual" })).status,
    click: expected(second).code,
    replayed: second.response.headers.get("Idempotency-Replayed"),
    deal: deal.status,
    settings,
  }),
);
