import { ACCOUNT } from "@thumbsmith/synth";
import { list } from "../evaluate.ts";
import { type Control, each, statementsOf } from "./control.ts";

export const ofKey: Control[] = [
  {
    ids: ["KMS.4", "CKV_AWS_7"],
    title: "the key is rotated every year",
    where: "infra/encryption.ts",
    find: (graph) =>
      each(graph, "kms.Key", ({ inputs }) => (inputs.enableKeyRotation ? [] : ["is not rotated"])),
  },
  {
    ids: ["KMS.3"],
    title: "the key's deletion can be cancelled for 7 to 30 days",
    where: "infra/encryption.ts",
    find: (graph) =>
      each(graph, "kms.Key", ({ inputs: { deletionWindowInDays: days } }) =>
        days >= 7 && days <= 30 ? [] : [`waits ${days} days`],
      ),
  },
  {
    ids: ["KMS.5", "CKV_AWS_33"],
    title: "the key's policy allows only named principals, and services only on behalf of this account",
    where: "infra/encryption.ts",
    find: (graph) =>
      each(graph, "kms.Key", (key) =>
        statementsOf(key.inputs.policy).flatMap(({ Sid = "", Principal, Condition }) => {
          if (Principal === "*" || list(Principal?.AWS).includes("*")) return [`${Sid} is for everyone`];
          if (!Principal?.Service) return [];
          return JSON.stringify(Condition ?? {}).includes(ACCOUNT) ? [] : [`${Sid} is for every account`];
        }),
      ),
  },
];
