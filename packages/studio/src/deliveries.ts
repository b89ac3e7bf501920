import type { Message } from "@thumbsmith/aws-local";
import type { Report } from "@thumbsmith/functions";
import { type Job, parseNotification } from "@thumbsmith/shared";
import type { Delivery, End } from "./view.ts";

/** What a message asks for. */
export interface Read {
  jobs: Job[];
  delivery: Delivery;
}

/** Reads a message that was sent to the queue. Returns nothing for S3's test event. */
export function readMessage({ id, body, sentAt, visibleAt }: Readonly<Message>): Read | undefined {
  const { jobs, event } = read(body);
  if (!event) return undefined;
  const keys = jobs.map(({ key }) => key);
  return {
    jobs,
    delivery: { id, keys, event, sentAt, dueAt: visibleAt, attempts: 0, stage: "waiting" },
  };
}

/** How an attempt ended. */
export function endOf({ outcome, error }: Report): End {
  if (error) return { result: error.kind, outputs: 0, milliseconds: 0, code: error.code };
  const { result, manifest, rule, phases } = outcome;
  return {
    result,
    outputs: manifest?.outcome === "made" ? manifest.outputs.length : 0,
    milliseconds: Math.round(Object.values(phases).reduce((sum, phase) => sum + phase, 0)),
    code: manifest?.outcome === "rejected" ? manifest.reason.code : undefined,
    unruled: rule === undefined || undefined,
  };
}

function read(body: string): { jobs: Job[]; event?: string } {
  try {
    const { jobs, rejections } = parseNotification(body);
    return { jobs, event: jobs[0]?.event ?? rejections[0]?.code };
  } catch {
    return { jobs: [], event: "not an S3 event" };
  }
}
