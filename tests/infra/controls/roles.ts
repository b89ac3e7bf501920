import { list } from "../evaluate.ts";
import { type Control, each, grantsOf, statementsOf } from "./control.ts";

export const ofRoles: Control[] = [
  {
    ids: ["IAM.1", "IAM.21", "CKV_AWS_63"],
    title: "no role may do everything of a service",
    where: "infra/subscriber.ts",
    find: (graph) =>
      each(graph, "iam.Role", (role) =>
        grantsOf(role).flatMap(({ Action }) =>
          list(Action)
            .filter((action) => action.includes("*"))
            .map((action) => `may do ${action}`),
        ),
      ),
  },
  {
    ids: ["IAM5", "KMS.1", "KMS.2", "CKV_AWS_355"],
    title: "no role may act on every resource, or decrypt with every key",
    where: "infra/subscriber.ts, infra/transforms/defaults.ts",
    find: (graph) =>
      each(graph, "iam.Role", (role) =>
        grantsOf(role)
          .filter(({ Resource }) => list(Resource).includes("*"))
          .flatMap(({ Action }) => list(Action).map((action) => `may ${action} everywhere`)),
      ),
  },
  {
    ids: ["IAM4"],
    title: "no role has a policy that AWS manages",
    where: "infra/transforms/defaults.ts",
    find: (graph) =>
      each(graph, "iam.Role", ({ inputs }) =>
        list<string>(inputs.managedPolicyArns).map((arn) => `has ${arn}`),
      ),
  },
  {
    ids: ["TS.5", "CKV_AWS_60"],
    title: "a function's role trusts only Lambda",
    where: "infra/transforms/defaults.ts",
    find: (graph) =>
      each(graph, "lambda.Function", (fn) => {
        const role = graph.all("iam.Role").find(({ outputs }) => outputs.arn === fn.inputs.role);
        // An existing role that a function uses is not of this stage.
        if (!role) return [];
        return statementsOf(role.inputs.assumeRolePolicy).flatMap(({ Principal }) =>
          Object.values(Principal ?? {})
            .flat()
            .filter((name) => name !== "lambda.amazonaws.com")
            .map((name) => `trusts ${name}`),
        );
      }),
  },
];
