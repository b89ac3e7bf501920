import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ACCOUNT } from "@thumbsmith/synth";

const bootstrap = {
  ...{ version: 5, state: "sst-state", asset: "sst-asset" },
  ...{ assetEcrRegistryId: ACCOUNT, assetEcrUrl: `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com` },
};

/** The part of AWS that the `sst` command itself calls: SSM parameters, and objects of its state bucket. */
export async function startHome(): Promise<{ endpoint: string; close(): Promise<void> }> {
  const parameters = new Map([["/sst/bootstrap", JSON.stringify(bootstrap)]]);
  const objects = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const action = String(request.headers["x-amz-target"] ?? "");
    const path = request.url?.split("?")[0] ?? "";
    if (action.endsWith(".PutParameter")) {
      const { Name, Value } = JSON.parse(body.toString());
      parameters.set(Name, Value);
      response.end("{}");
    } else if (action.endsWith(".GetParameter")) {
      const { Name } = JSON.parse(body.toString());
      const Value = parameters.get(Name);
      response.statusCode = Value === undefined ? 400 : 200;
      response.end(
        JSON.stringify(
          Value === undefined ? { __type: "ParameterNotFound" } : { Parameter: { Name, Value } },
        ),
      );
    } else if (request.method === "PUT") {
      objects.set(path, body);
      response.end();
    } else if (request.method === "DELETE") {
      objects.delete(path);
      response.writeHead(204).end();
    } else {
      const object = objects.get(path);
      response.statusCode = object ? 200 : 404;
      response.end(object ?? "<Error><Code>NoSuchKey</Code></Error>");
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { endpoint: `http://127.0.0.1:${port}`, close };
}
