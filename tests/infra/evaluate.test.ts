import { describe, expect, it } from "vitest";
import { isAllowed, type Policies, type Request, type Statement } from "./evaluate.ts";

const account = "123456789012";
const ours = { arn: `arn:aws:iam::${account}:role/ours` };
const theirs = { arn: "arn:aws:iam::999999999999:role/theirs" };
const s3 = { service: "s3.amazonaws.com" };
const get: Request = { principal: ours, action: "s3:GetObject", resource: "arn:aws:s3:::b/k", context: {} };
const allow: Statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };
const all: Statement = { Effect: "Allow", Action: "*", Resource: "*" };
const root: Statement = { ...all, Principal: { AWS: `arn:aws:iam::${account}:root` } };

const decide = (request: Partial<Request>, policies: Partial<Policies>) =>
  isAllowed({ ...get, ...request }, { identity: [], resource: [], account, ...policies });

describe("a request is decided when", () => {
  it.each<[string, Partial<Request>, Partial<Policies>, boolean]>([
    ["no policy says anything", {}, {}, false],
    ["the identity's policy allows", {}, { identity: [allow] }, true],
    [
      "the resource's policy allows the identity",
      {},
      { resource: [{ ...allow, Principal: { AWS: ours.arn } }] },
      true,
    ],
    ["the resource's policy only lets the account decide", {}, { resource: [root] }, false],
    [
      "a Deny applies too",
      {},
      { identity: [all], resource: [{ ...all, Effect: "Deny", Principal: "*" }] },
      false,
    ],
    [
      "a Deny is for another action",
      {},
      { identity: [allow, { ...all, Effect: "Deny", Action: "s3:PutObject" }] },
      true,
    ],
    ["another account allows itself", { principal: theirs }, { identity: [all] }, false],
    [
      "two accounts agree",
      { principal: theirs },
      { identity: [all], resource: [{ ...all, Principal: { AWS: "999999999999" } }] },
      true,
    ],
    [
      "a service is named",
      { principal: s3 },
      { resource: [{ ...all, Principal: { Service: "s3.amazonaws.com" } }] },
      true,
    ],
    [
      "another service is named",
      { principal: s3 },
      { resource: [{ ...all, Principal: { Service: "sns.amazonaws.com" } }] },
      false,
    ],
    ["a key's policy is silent", { action: "kms:Decrypt" }, { identity: [all] }, false],
    [
      "a key's policy lets the account decide",
      { action: "kms:Decrypt" },
      { identity: [all], resource: [root] },
      true,
    ],
  ])("%s", (_title, request, policies, expected) => {
    expect(decide(request, policies)).toBe(expected);
  });
});

describe("a statement matches by", () => {
  it.each<[string, Partial<Statement>, Request["context"], boolean]>([
    ["a wildcard in the action", { Action: "s3:Get*" }, {}, true],
    ["the action in another case", { Action: "S3:getobject" }, {}, true],
    ["a part of the action", { Action: "s3:Get" }, {}, false],
    ["one character in the resource", { Resource: "arn:aws:s3:::b/?" }, {}, true],
    ["a dot, which is not a wildcard", { Resource: "arn:aws:s3:::b/." }, {}, false],
    ["an escaped star", { Resource: `arn:aws:s3:::b/\${*}` }, {}, false],
    ["Null true of a missing key", { Condition: { Null: { k: "true" } } }, {}, true],
    ["Null true of a present key", { Condition: { Null: { k: "true" } } }, { k: "v" }, false],
    ["Bool of a missing key", { Condition: { Bool: { k: "false" } } }, {}, false],
    [
      "StringEquals of one of several values",
      { Condition: { StringEquals: { k: ["a", "b"] } } },
      { k: "b" },
      true,
    ],
    ["StringNotEquals of a missing key", { Condition: { StringNotEquals: { k: "a" } } }, {}, true],
    ["StringNotEquals of an equal value", { Condition: { StringNotEquals: { k: "a" } } }, { k: "a" }, false],
    ["StringLike of a missing key", { Condition: { StringLike: { k: "*" } } }, {}, false],
    [
      "two conditions, one of which fails",
      { Condition: { StringEquals: { k: "a", l: "a" } } },
      { k: "a" },
      false,
    ],
  ])("%s", (_title, part, context, expected) => {
    expect(decide({ context }, { identity: [{ ...allow, ...part }] })).toBe(expected);
  });
});

describe("it throws for an unknown", () => {
  it("operator", () => {
    const statement = { ...allow, Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } };
    expect(() => decide({}, { identity: [statement] })).toThrow(
      /operator that the evaluator knows, found IpAddress/,
    );
  });

  it("part of a statement", () => {
    const statement = { ...allow, NotResource: "arn:aws:s3:::c/*" };
    expect(() => decide({}, { identity: [statement] })).toThrow(/found NotResource/);
  });
});
