import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost, type PresignedPostOptions } from "@aws-sdk/s3-presigned-post";
import type { Endpoint } from "./endpoint.ts";

type Fields = Record<string, string>;
type Changes = Record<string, string | undefined>;

export interface Options extends Partial<PresignedPostOptions> {
  client?: S3Client;
  /** Fields that the page adds to the signed ones, changes or leaves out. */
  changed?: Changes;
  file?: File | null;
  origin?: string;
}

/** S3's variable, not a template's. */
export const FILENAME = "$" + "{filename}";

export const photo = (bytes = "hello", name = "holiday.jpg") =>
  new File([bytes], name, { type: "image/x-of-the-file" });

export async function send(url: string, body: FormData | string, origin?: string, headers: Fields = {}) {
  const given = origin === undefined ? headers : { ...headers, origin };
  const response = await fetch(url, { method: "POST", body, headers: given, redirect: "manual" });
  const text = await response.text();
  const element = (name: string) =>
    new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(text)?.[1]?.replaceAll("&quot;", '"');
  return {
    status: response.status,
    headers: response.headers,
    text,
    element,
    refusal: [response.status, element("Code"), element("Message")],
  };
}

/** What tests of forms do at an endpoint. */
export function forms(endpoint: Endpoint) {
  /** Signs a form as an application's server does, and sends it as a browser does. */
  async function upload(
    Bucket: string,
    { client = endpoint.s3, changed = {}, file = photo(), origin, ...options }: Options = {},
  ) {
    const { url, fields } = await createPresignedPost(client, { Key: "a.jpg", ...options, Bucket });
    const form = new FormData();
    for (const [name, value] of Object.entries<string | undefined>({ ...fields, ...changed }))
      if (value !== undefined) form.set(name, value);
    if (file) form.set("file", file);
    return send(url, form, origin);
  }

  /** Sends a form with only a policy, which no library would write. */
  async function withPolicy(
    Bucket: string,
    policy: (signed: { expiration: string; conditions: unknown[] }) => unknown,
  ) {
    const { url, fields } = await createPresignedPost(endpoint.s3, { Bucket, Key: "a.jpg" });
    const signed = JSON.parse(Buffer.from(fields.Policy ?? "", "base64").toString());
    const document = policy(signed);
    const text = typeof document === "string" ? document : JSON.stringify(document);
    const Policy = Buffer.from(text).toString("base64");
    const form = new FormData();
    const signature = await signPolicy(fields["X-Amz-Credential"] ?? "", Policy);
    for (const [name, value] of Object.entries({ ...fields, Policy, "X-Amz-Signature": signature }))
      form.set(name, value);
    form.set("file", photo());
    return send(url, form);
  }

  async function signPolicy(credential: string, policy: string): Promise<string> {
    const [, ...scope] = credential.split("/");
    const hmac = async (secret: Uint8Array<ArrayBuffer>, text: string) => {
      const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [
        "sign",
      ]);
      return new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)));
    };
    let key = new Uint8Array(new TextEncoder().encode(`AWS4${endpoint.credentials.secretAccessKey}`));
    for (const part of scope) key = await hmac(key, part);
    return Buffer.from(await hmac(key, policy)).toString("hex");
  }

  const stored = async (Bucket: string) =>
    ((await endpoint.s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);

  return { upload, withPolicy, stored };
}
