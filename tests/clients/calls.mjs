// Segment's Node library, as its users call it: `node calls.mjs URL KEY HOW_MANY`.
// Prints one line of JSON: the errors the library saw.
import { Analytics } from "@segment/analytics-node";

const [host, writeKey, howMany] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host, maxRetries: 0 });
const errors = [];
analytics.on("error", (error) => errors.push(String(error.reason || error)));
for (let n = 0; n < Number(howMany); n++) {
  const userId = `user-${n % 50}`, more = { userId, messageId: `js-${n}` };
  switch (n % 6) {
    case 0: analytics.identify({ traits: { email: `${userId}@example.com`, näme: "Zoë" }, ...more }); break;
    case 1: analytics.track({ event: "Report Exported", properties: { n, format: "pdf" }, ...more }); break;
    case 2: analytics.group({ groupId: `account-${n % 7}`, traits: { plan: "team" }, ...more }); break;
    case 3: analytics.page({ name: "Start", category: "docs", properties: { path: "/start" }, ...more }); break;
    case 4: analytics.screen({ name: "Home", properties: { n }, ...more }); break;
    default: analytics.alias({ previousId: `anon-${n}`, ...more });
  }
  if (n % 150 === 149) await new Promise((resolve) => setTimeout(resolve, 5));
}
await analytics.closeAndFlush();
console.log(JSON.stringify({ errors }));
