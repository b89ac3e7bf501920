import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy } from "@fastify/busboy";
import { S3Error } from "../errors.ts";
import type { UnsignedRequest } from "./request.ts";

/** S3's limit for the fields before the file. */
const MAX_FIELDS_BYTES = 20 * 1024;
const FILENAME = /\$\{filename\}/g;

/** A form as a browser sends it. */
export interface Form {
  /** By name, in lower case. Fields after the file are ignored, as in S3. */
  fields: Map<string, string>;
  file(): AsyncIterable<Buffer>;
  /** Reads and drops the rest of the file: a browser reads an answer only after it has sent everything. */
  discard(): void;
}

/** Reads a form up to its file. */
export async function readForm({ headers, body }: UnsignedRequest): Promise<Form> {
  const parser = openParser(headers["content-type"]);
  const fields = new Map<string, string>();
  let bytes = 0;
  return new Promise((resolve, reject) => {
    parser.on("field", (name, value, _nameTruncated, truncated) => {
      bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
      if (truncated || bytes > MAX_FIELDS_BYTES) reject(new S3Error("MaxPostPreDataLengthExceededError"));
      fields.set(name.toLowerCase(), value);
    });
    parser.on("file", (_name, file, filename) => {
      // The reader of the file gets the error too, but an error without a listener would end the process.
      file.on("error", () => {});
      resolve({
        fields: withFilename(fields, filename),
        file: () => bytesOf(file),
        discard: () => file.resume(),
      });
      parsed.catch((error) => file.destroy(error));
    });
    const parsed = pipeline(body(), parser).catch((cause) => {
      throw malformed(cause);
    });
    parsed.then(
      () => reject(argument("POST requires exactly one file upload per request.", "file", "0")),
      reject,
    );
  });
}

/** An error about one field of a form. */
export function argument(message: string, ArgumentName: string, ArgumentValue = ""): S3Error {
  return new S3Error("InvalidArgument", message, { details: { ArgumentName, ArgumentValue } });
}

function openParser(contentType = "") {
  if (!/^multipart\/form-data\b/i.test(contentType)) {
    const Condition = "Bucket POST must be of the enclosure-type multipart/form-data";
    throw new S3Error("PreconditionFailed", undefined, { details: { Condition } });
  }
  try {
    return new Busboy({
      headers: { "content-type": contentType },
      // Python's clients send a file name with every field.
      isPartAFile: (name) => name?.toLowerCase() === "file",
      limits: { files: 1, fieldSize: MAX_FIELDS_BYTES },
    });
  } catch (cause) {
    throw malformed(cause);
  }
}

async function* bytesOf(file: Readable): AsyncGenerator<Buffer> {
  try {
    yield* file;
  } catch (cause) {
    throw malformed(cause);
  }
}

function malformed(cause: unknown): S3Error {
  return new S3Error("MalformedPOSTRequest", undefined, { cause });
}

/** Replaces the variable `${filename}` in all fields by the file's name on the sender's disk, without its folders. */
function withFilename(fields: Map<string, string>, filename: string): Map<string, string> {
  const expanded = [...fields].map(
    ([name, value]) => [name, value.replace(FILENAME, () => filename)] as const,
  );
  return new Map(expanded);
}
