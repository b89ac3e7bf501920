// How far a fresh process goes: "bare" no further than Node itself, "sharp" until sharp is loaded, "import" until the
// function could be called, "first" until its first thumbnail is stored. It takes no loader, so it is plain JavaScript.
import { createRequire } from "node:module";

const [until, bundle, event] = process.argv.slice(2);

if (until === "sharp") createRequire(import.meta.url)("sharp");
if (until === "import" || until === "first") {
  const { handler } = await import(bundle);
  if (until === "first") {
    const { subscribe } = await import("node:diagnostics_channel");
    subscribe("http.client.response.finish", ({ request }) => {
      if (request.method === "PUT") process.exit(0);
    });
    await handler(JSON.parse(event), { getRemainingTimeInMillis: () => 60_000 });
    throw new Error("Expected the function to store a thumbnail.");
  }
}
