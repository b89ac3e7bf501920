import type { MiddlewareHandler } from "hono";

/**
 * Refuses requests that another site's page could send to this machine: to another host name (DNS rebinding), or from
 * another origin. A browser names the origin of every request that changes something.
 */
export function refuseForeign(origin: string): MiddlewareHandler {
  const { host } = new URL(origin);
  return async (c, next) => {
    const asked = c.req.header("host");
    if (asked !== host) return c.text(`Expected the host ${host}, found ${asked}. Open ${origin}/\n`, 421);
    const reads = c.req.method === "GET" || c.req.method === "HEAD";
    const from = c.req.header("origin");
    if (from !== origin && !(reads && from === undefined))
      return c.text(`Expected the origin ${origin}, found ${from ?? "none"}.\n`, 403);
    await next();
  };
}
