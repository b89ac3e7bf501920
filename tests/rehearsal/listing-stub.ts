import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const PAGE = 1_000;
/** Names are spread over the hexadecimal digits, as those of most applications are. */
const DIGITS = [..."0123456789abcdef"];

/** An S3 whose uploads bucket holds so many objects by a formula and whose other one is empty, and an SQS that counts. */
export async function startListing(objects: number) {
  const each = Math.ceil(objects / DIGITS.length);
  let received = 0;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const action = String(request.headers["x-amz-target"] ?? "");
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (!action) {
      response.setHeader("content-type", "application/xml");
      response.end(url.pathname.startsWith("/uploads-bucket") ? list(url, objects, each) : EMPTY);
      return;
    }
    const body = JSON.parse(Buffer.concat(chunks).toString());
    response.setHeader("content-type", "application/x-amz-json-1.0");
    if (action.endsWith("SendMessageBatch")) {
      const entries: { Id: string; MessageBody: string }[] = body.Entries;
      received += entries.length;
      const Successful = entries.map(({ Id, MessageBody }) => ({
        ...{ Id, MessageId: Id, MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex") },
      }));
      response.end(JSON.stringify({ Successful, Failed: [] }));
    } else if (action.endsWith("GetQueueUrl")) {
      response.end(JSON.stringify({ QueueUrl: `http://localhost/${body.QueueName}` }));
    } else {
      const Attributes = { ApproximateNumberOfMessages: "0", ApproximateNumberOfMessagesNotVisible: "0" };
      response.end(JSON.stringify({ Attributes }));
    }
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, received: () => received, close: () => server.close() };
}

const EMPTY = "<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>";

function list({ searchParams }: URL, objects: number, each: number): string {
  const prefix = searchParams.get("prefix") ?? "";
  const after = searchParams.get("start-after") ?? "";
  if (searchParams.get("delimiter") || !"uploads/".startsWith(prefix)) return EMPTY.replace(">0<", ">1<");
  const keys: string[] = [];
  for (let i = firstAfter(after, each); i < objects && keys.length <= PAGE; i++) keys.push(keyOf(i, each));
  const contents = keys
    .slice(0, PAGE)
    .map(
      (key) =>
        `<Contents><Key>${key}</Key><ETag>"e"</ETag><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>`,
    );
  return `<ListBucketResult><IsTruncated>${keys.length > PAGE}</IsTruncated>${contents.join("")}</ListBucketResult>`;
}

function keyOf(i: number, each: number): string {
  return `uploads/${DIGITS[Math.floor(i / each)]}${String(i % each).padStart(9, "0")}.jpg`;
}

/** The first object whose key comes after: names are in order, so it is found by halving. */
function firstAfter(after: string, each: number): number {
  let [low, high] = [0, each * DIGITS.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (keyOf(middle, each) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}
