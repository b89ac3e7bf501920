import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { promisify } from "node:util";
import type { Bench } from "./bench.ts";
import type { Cloud } from "./cloud.ts";
import { needTool } from "./tools.ts";

const LOCALHOST = "127.0.0.1";

/**
 * The environment of a function that talks to this cloud over TLS, as one on AWS does. Over plain HTTP a cold start takes
 * longer: for `import("node:http")`, Node 22 loads its own fetch as well.
 */
export async function overTls(bench: Bench, { endpoint, environment }: Cloud): Promise<Cloud["environment"]> {
  const key = join(bench.folder, "key.pem");
  const certificate = join(bench.folder, "certificate.pem");
  const { path: openssl } = await needTool("openssl");
  await promisify(execFile)(openssl, [
    ...["req", "-x509", "-days", "1", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-subj", `/CN=${LOCALHOST}`, "-addext", `subjectAltName=IP:${LOCALHOST}`],
    ...["-keyout", key, "-out", certificate],
  ]);
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (secure) => {
    const plain = connect(Number(new URL(endpoint).port), LOCALHOST);
    secure.pipe(plain).pipe(secure);
    // A child that ends in the middle of an answer breaks both.
    for (const socket of [secure, plain]) socket.on("error", () => {});
  });
  await once(server.listen(0, LOCALHOST), "listening");
  bench.keep({ stop: async () => void server.close() });
  const { port } = server.address() as AddressInfo;
  return {
    ...environment,
    AWS_ENDPOINT_URL: `https://${LOCALHOST}:${port}`,
    NODE_EXTRA_CA_CERTS: certificate,
  };
}
