import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { NoSuchKey } from "@aws-sdk/client-s3";
import { createAdaptorServer } from "@hono/node-server";
import type { Pipeline } from "@thumbsmith/local";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { except } from "hono/combine";
import { secureHeaders } from "hono/secure-headers";
import { streamSSE } from "hono/streaming";
import * as z from "zod/mini";
import { loadAssets } from "./assets.ts";
import { refuseForeign } from "./guard.ts";
import { createRequests, RequestBodies, RequestError } from "./requests.ts";
import type { State } from "./state.ts";
import type { Change, Refusal, Requests } from "./view.ts";

/** The default port of `pnpm local`'s studio. */
export const STUDIO_PORT = 4568;
const HOST = "127.0.0.1";
const IMAGES = "/images/*";
const MAX_BODY_BYTES = 10_000;
/** An image with a given ETag never changes. */
const FOR_EVER = "private, max-age=31536000, immutable";

export interface Studio {
  /** Where a browser finds the page. */
  origin: string;
  stop(): Promise<void>;
}

/**
 * Serves the studio's page on 127.0.0.1, only to browsers on this machine.
 * @param port 0 for any free one
 * @throws Error if the port is in use
 */
export async function startStudio(pipeline: Pipeline, state: State, port: number): Promise<Studio> {
  const app = new Hono();
  const server = createAdaptorServer({ fetch: app.fetch });
  await listen(server, port);
  const origin = `http://${HOST}:${(server.address() as AddressInfo).port}`;

  const requests = createRequests(pipeline, state);
  app.use(refuseForeign(origin));
  app.use(except(IMAGES, pageHeaders(pipeline.endpoint)));
  app.use(IMAGES, imageHeaders());
  await addPage(app);
  addEvents(app, state);
  addImages(app, requests);
  addRequests(app, requests);
  app.onError((error, c) =>
    c.json<Refusal>({ error: error.message }, error instanceof RequestError ? 400 : 500),
  );
  await pipeline.allow(origin);

  return {
    origin,
    async stop() {
      const closed = once(server, "close");
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
      requests.stop();
    },
  };
}

type Server = ReturnType<typeof createAdaptorServer>;
type PageRequests = ReturnType<typeof createRequests>;

async function listen(server: Server, port: number): Promise<void> {
  const listening = once(server, "listening");
  server.listen(port, HOST);
  await listening.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    throw new Error(`Port ${port} is already in use on ${HOST}. Pass another --studio-port.`, {
      cause: error,
    });
  });
}

/** Allows only the page's own files, and uploads to the local S3. */
function pageHeaders(s3: string) {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'", s3],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
      requireTrustedTypesFor: ["'script'"],
    },
    // The page is served over plain HTTP, and never leaves the machine.
    strictTransportSecurity: false,
  });
}

/** The bytes are untrusted: if they are opened as a page, they cannot run scripts. */
function imageHeaders() {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], sandbox: [] },
    strictTransportSecurity: false,
  });
}

async function addPage(app: Hono): Promise<void> {
  for (const [path, { type, body }] of await loadAssets()) {
    app.get(path, (c) => c.body(body, 200, { "content-type": type, "cache-control": "no-cache" }));
  }
}

/** Sends the whole view first, then each change as it happens. */
function addEvents(app: Hono, state: State): void {
  app.get("/events", (c) =>
    streamSSE(c, async (stream) => {
      const send = (change: Change) => stream.writeSSE({ data: JSON.stringify(change) });
      const unsubscribe = state.subscribe((change) => void send(change));
      await send({ type: "view", view: state.view() });
      await new Promise<void>((resolve) => stream.onAbort(resolve));
      unsubscribe();
    }),
  );
}

function addImages(app: Hono, requests: PageRequests): void {
  app.get("/images/:bucket{uploads|thumbnails}", async (c) => {
    const bucket = c.req.param("bucket") === "uploads" ? "uploads" : "thumbnails";
    const image = await requests.image(bucket, c.req.query("key") ?? "").catch(absent);
    if (!image) return c.notFound();
    return c.body(image.stream, 200, { "content-type": image.type, "cache-control": FOR_EVER });
  });
}

function absent(error: unknown): undefined {
  if (!(error instanceof NoSuchKey)) throw error;
}

function addRequests(app: Hono, requests: PageRequests): void {
  const post = <Path extends keyof Requests>(
    path: Path,
    answer: (body: Requests[Path]) => Promise<unknown>,
  ) =>
    app.post(path, async (c) => {
      const { data, error } = z.safeParse(RequestBodies[path], await c.req.json().catch(() => undefined));
      if (error) throw new RequestError(`Expected another body of ${path}: ${z.prettifyError(error)}`);
      return c.json((await answer(data as Requests[Path])) ?? {});
    });
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES }));
  post("/uploads", requests.upload);
  post("/deliveries", requests.deliver);
  post("/deletions", requests.remove);
  post("/redrives", requests.redrive);
}
