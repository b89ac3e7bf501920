import { S3Error } from "../errors.ts";
import { authorizePolicy, type Realm, SIGNATURE_VERSION_2 } from "../signature.ts";
import { argument, type Form, readForm } from "./form.ts";
import { putObject } from "./objects.ts";
import { checkPolicy, type Policy, parsePolicy } from "./policy.ts";
import { type S3Request, type S3Response, type UnsignedRequest, xmlResponse } from "./request.ts";
import { checkRequest, type S3 } from "./router.ts";
import { parseXml } from "./xml.ts";

/** The fields that are headers of a PUT. */
const HEADER_FIELDS =
  /^(?:cache-control|content-disposition|content-encoding|content-language|content-type|expires|x-amz-.+)$/;

/** PostObject: an upload by a form in a browser, to the bucket's URL. The signature is that of the policy in its fields. */
export async function postObject(s3: S3, realm: Realm, request: UnsignedRequest): Promise<S3Response> {
  const bucket = s3.storage.bucket(request.bucket);
  const form = await readForm(request);
  try {
    form.fields.set("bucket", bucket.name);
    const policy = authorizeForm(form, realm);
    const put = putRequest(request, form, policy);
    checkRequest(s3, put);
    const { headers } = await putObject(bucket, put, "ObjectCreated:Post");
    return succeeded(put, form, headers);
  } finally {
    form.discard();
  }
}

function authorizeForm({ fields }: Form, realm: Realm): Policy {
  if (!fields.get("key")) throw missing("key");
  const policy = fields.get("policy");
  if (policy === undefined) throw new S3Error("AccessDenied");
  if (fields.has("awsaccesskeyid")) throw new S3Error("InvalidRequest", SIGNATURE_VERSION_2);
  const field = (name: string) => {
    const value = fields.get(name.toLowerCase());
    if (value === undefined) throw missing(name);
    return value;
  };
  authorizePolicy(policy, field, realm);
  const parsed = parsePolicy(policy);
  checkPolicy(parsed, fields);
  return parsed;
}

function missing(field: string): S3Error {
  const message = `Bucket POST must contain a field named '${field}'.  If it is specified, please check the order of the fields.`;
  return argument(message, field);
}

/** Converts the form to the equivalent PUT. */
function putRequest(request: UnsignedRequest, { fields, file }: Form, { sizes }: Policy): S3Request {
  const headers: Record<string, string> = {};
  for (const [name, value] of fields) if (HEADER_FIELDS.test(name)) headers[name] = headerValue(name, value);
  const acl = fields.get("acl");
  if (acl !== undefined) headers["x-amz-acl"] = acl;
  const tagging = fields.get("tagging");
  if (tagging !== undefined) headers["x-amz-tagging"] = tagsOf(tagging);
  return {
    ...request,
    key: fields.get("key") ?? "",
    // The length of the whole form is an upper bound for the file's.
    headers: { ...headers, host: request.headers.host, "content-length": request.headers["content-length"] },
    authorization: { payloadHash: "UNSIGNED-PAYLOAD" },
    body: () => withinSizes(file(), sizes),
  };
}

/** Encodes a value as Node gives headers: the bytes of UTF-8 as Latin-1. */
function headerValue(name: string, value: string): string {
  if (/[\r\n\0]/.test(value)) throw argument("Header value cannot contain a line break or NUL.", name, value);
  return Buffer.from(value).toString("latin1");
}

function tagsOf(xml: string): string {
  const tags = parseXml(xml, "Tagging")
    .children("TagSet")
    .flatMap((set) => set.children("Tag"));
  const pairs = tags.map((tag) => [tag.required("Key"), tag.required("Value")] as [string, string]);
  return new URLSearchParams(pairs).toString();
}

/** Checks the file's size. A file that is too large is read to its end, because the browser reads the answer only then. */
async function* withinSizes(
  file: AsyncIterable<Buffer>,
  { min, max }: Policy["sizes"],
): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of file) {
    size += chunk.length;
    if (size <= max) yield chunk;
  }
  const ProposedSize = String(size);
  if (size > max) {
    const details = { ProposedSize, MaxSizeAllowed: String(max) };
    throw new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", { details });
  }
  if (size < min) {
    const details = { ProposedSize, MinSizeAllowed: String(min) };
    throw new S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", {
      details,
    });
  }
}

function succeeded(
  { bucket, key, headers: { host } }: S3Request,
  { fields }: Form,
  headers: S3Response["headers"] = {},
): S3Response {
  const ETag = String(headers.etag);
  const redirect = redirectUrl(fields.get("success_action_redirect") ?? fields.get("redirect"));
  if (redirect) {
    for (const [name, value] of Object.entries({ bucket, key, etag: ETag }))
      redirect.searchParams.append(name, value);
    return { status: 303, headers: { ...headers, location: redirect.href } };
  }
  const location = `http://${host}/${bucket}/${encodeURIComponent(key)}`;
  const status = fields.get("success_action_status");
  if (status === "201") {
    const content = { Location: location, Bucket: bucket, Key: key, ETag };
    return { ...xmlResponse("PostResponse", content, { ...headers, location }), status: 201 };
  }
  return { status: status === "200" ? 200 : 204, headers: { ...headers, location } };
}

/** An invalid URL is ignored, as in S3. */
function redirectUrl(text: string | undefined): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) ? url : undefined;
}
