import type { Refusal, Requests } from "../view.ts";

/**
 * Posts a request to the studio's server.
 * @throws Error with the server's reason, if it refuses
 */
export async function post<Path extends keyof Requests, Answer = unknown>(
  path: Path,
  body: Requests[Path],
): Promise<Answer> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch((cause: unknown) => {
    throw new Error("The studio does not answer: is pnpm local running?", { cause });
  });
  if (response.ok) return response.json();
  const { error }: Refusal = await response.json().catch(() => ({ error: `HTTP ${response.status}` }));
  throw new Error(error);
}
