import { type Control, each, underKey } from "./control.ts";

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const RUNTIMES = ["nodejs22.x", "nodejs24.x"];

export const ofFunctions: Control[] = [
  {
    ids: ["CKV_AWS_173"],
    title: "every function's environment is encrypted with our key",
    where: "infra/transforms/defaults.ts",
    find: (graph) => each(graph, "lambda.Function", ({ inputs }) => underKey(inputs.kmsKeyArn)),
  },
  {
    ids: ["Lambda.1", "CKV_AWS_301", "CKV_AWS_258"],
    title: "no one outside can call a function: it has no URL and no resource-based policy",
    where: "infra/subscriber.ts",
    find: (graph) =>
      [...graph.all("lambda.FunctionUrl"), ...graph.all("lambda.Permission")].map(({ name }) => ({
        resource: name,
        problem: "opens a function",
      })),
  },
  {
    ids: ["TS.10"],
    title: 'a function\'s URL requires a signature, unless the code says `authorization: "none"`',
    where: "infra/transforms/defaults.ts",
    find: (graph) =>
      graph
        .all("lambda.FunctionUrl")
        .filter(({ inputs }) => inputs.authorizationType !== "AWS_IAM")
        .map(({ name }) => ({ resource: name, problem: "is open to everyone" })),
  },
  {
    ids: ["Lambda.2", "CKV_AWS_363"],
    title: "every function runs on a runtime that AWS supports",
    where: "infra/transforms/defaults.ts",
    find: (graph) =>
      each(graph, "lambda.Function", ({ inputs: { runtime } }) =>
        [...RUNTIMES, "provided.al2023"].includes(runtime) ? [] : [`runs on ${runtime}`],
      ),
  },
  {
    ids: ["Lambda.7", "CKV_AWS_50"],
    title: "every function is traced",
    where: "infra/transforms/defaults.ts",
    find: (graph) =>
      each(graph, "lambda.Function", ({ inputs }) =>
        inputs.tracingConfig?.mode === "Active" ? [] : ["is not traced"],
      ),
  },
  {
    ids: ["CKV_AWS_115"],
    title: "the concurrency of a function is capped, at the queue that calls it",
    where: "infra/subscriber.ts",
    find: (graph) =>
      each(graph, "lambda.EventSourceMapping", ({ inputs }) =>
        inputs.scalingConfig?.maximumConcurrency >= 2 ? [] : ["has no cap"],
      ),
  },
  {
    ids: ["CKV_AWS_45"],
    title: "no function has a secret in its environment",
    where: "infra/subscriber.ts",
    find: (graph) =>
      each(graph, "lambda.Function", ({ inputs }) =>
        Object.keys(inputs.environment.variables)
          .filter((name) => /KEY$|SECRET|TOKEN|PASSWORD/i.test(name))
          .map((name) => `has ${name} in its environment`),
      ),
  },
  {
    ids: ["Lambda.3", "CKV_AWS_117"],
    title: "every function is in a VPC",
    where: "",
    find: (graph) =>
      each(graph, "lambda.Function", ({ inputs }) => (inputs.vpcConfig ? [] : ["is not in a VPC"])),
  },
  {
    ids: ["CKV_AWS_116"],
    title: "every function has its own dead letters",
    where: "",
    find: (graph) =>
      each(graph, "lambda.Function", ({ inputs }) =>
        inputs.deadLetterConfig ? [] : ["has no dead letters"],
      ),
  },
  {
    ids: ["CKV_AWS_272"],
    title: "every function's code is signed",
    where: "",
    find: (graph) =>
      each(graph, "lambda.Function", ({ inputs }) => (inputs.codeSigningConfigArn ? [] : ["is not signed"])),
  },
];
