import { Semaphore } from "async-mutex";
import { useRef, useState } from "preact/hooks";
import type { Refusal, RuleView, Upload } from "../view.ts";
import type { GivenFile } from "./files.ts";
import { post } from "./requests.ts";

/** Files that are uploaded at a time. */
const AT_A_TIME = 4;

export interface Uploads {
  /** Files added since the page was last idle. */
  total: number;
  done: number;
  /** Messages about files that were not uploaded. */
  errors: string[];
  begin(files: readonly GivenFile[], rule: RuleView): void;
  dismissErrors(): void;
}

const NOTHING = { total: 0, done: 0, errors: [] as string[] };

export function useUploads(): Uploads {
  const [state, setState] = useState(NOTHING);
  const limit = useRef(new Semaphore(AT_A_TIME)).current;
  const end = (...errors: string[]) =>
    setState((now) => ({ ...now, done: now.done + 1, errors: [...now.errors, ...errors] }));
  return {
    ...state,
    begin(files, rule) {
      setState((now) => {
        const idle = now.done === now.total;
        return idle ? { ...NOTHING, total: files.length } : { ...now, total: now.total + files.length };
      });
      for (const given of files) {
        limit
          .runExclusive(() => upload(given, rule))
          .then(
            () => end(),
            (error: unknown) => end(error instanceof Error ? error.message : String(error)),
          );
      }
    },
    dismissErrors: () => setState((now) => ({ ...now, errors: [] })),
  };
}

/** Uploads as a browser does to AWS: the server presigns a request for this one object, and the bytes go straight to S3. */
async function upload({ path, file }: GivenFile, { prefix }: RuleView): Promise<void> {
  const request = { prefix, path, type: file.type };
  const answer = await post<"/uploads", Upload | Refusal>("/uploads", request).catch((cause: Error) => {
    throw new Error(`${path} was not uploaded. ${cause.message}`, { cause });
  });
  if ("error" in answer) throw new Error(answer.error);
  const { url, headers } = answer;
  const response = await fetch(url, { method: "PUT", headers, body: file }).catch((cause: unknown) => {
    throw new Error(`${path} was not uploaded: the local S3 could not be reached.`, { cause });
  });
  if (response.ok) return;
  const [, message = `HTTP ${response.status}`] = /<Message>([^<]*)/.exec(await response.text()) ?? [];
  throw new Error(`${path} was not uploaded: S3 answered: ${message}`);
}
