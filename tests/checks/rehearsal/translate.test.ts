import type { Resource } from "@thumbsmith/synth";
import { describe, expect, it } from "vitest";
import { type Schemas, translate } from "./translate.ts";

const ref = (path: string) => `\${${path}}`;
const text = { type: "string" };
const schemas: Schemas = {
  aws_s3_bucket: { block: { attributes: { bucket: text, force_destroy: { type: "bool" } } } },
  aws_s3_bucket_policy: { block: { attributes: { bucket: text, policy: text } } },
  aws_kms_key: { block: { attributes: { description: text } } },
  aws_kms_alias: { block: { attributes: { name: text, target_key_id: text } } },
  aws_s3_bucket_lifecycle_configuration: {
    block: {
      attributes: { bucket: text },
      block_types: {
        rule: {
          block: {
            attributes: { id: text },
            block_types: { filter: { block: { attributes: { prefix: text } } } },
          },
        },
      },
    },
  },
  aws_lambda_function: { block: { attributes: { function_name: text } } },
};

const resource = (
  type: string,
  name: string,
  inputs: Resource["inputs"],
  outputs: Resource["outputs"] = {},
) => ({
  ...{ type, name, inputs, outputs: { ...inputs, ...outputs }, retained: false },
});
const bucket = resource(
  "aws:s3/bucketV2:BucketV2",
  "Uploads",
  { bucket: "up", forceDestroy: true },
  { arn: "arn:aws:s3:::up" },
);

describe("a graph as Terraform JSON", () => {
  it("has names in snake case and blocks in the singular", () => {
    const rules = [{ id: "a", filter: { prefix: "" } }];
    const type = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2";
    const found = translate([resource(type, "Lifecycle", { bucket: "other", rules })], {}, schemas);
    expect(found.resource).toEqual({
      aws_s3_bucket_lifecycle_configuration: {
        Lifecycle: { bucket: "other", rule: [{ id: "a", filter: [{ prefix: "" }] }] },
      },
    });
  });

  it("has references to other resources, also inside texts and in the outputs", () => {
    const policy = { Resource: "arn:aws:s3:::up/*" };
    const type = "aws:s3/bucketPolicy:BucketPolicy";
    const { resource: made, output } = translate(
      [bucket, resource(type, "Policy", { bucket: "up", policy })],
      { uploadsBucket: "up", _protect: false },
      schemas,
    );
    expect(made.aws_s3_bucket_policy).toEqual({
      Policy: {
        bucket: ref("aws_s3_bucket.Uploads.bucket"),
        policy: `{"Resource":"${ref("aws_s3_bucket.Uploads.arn")}/*"}`,
      },
    });
    expect(output).toEqual({ uploadsBucket: { value: ref("aws_s3_bucket.Uploads.bucket") } });
  });

  it("has a reference for the id of a key only if that is the whole value", () => {
    const key = resource(
      "aws:kms/key:Key",
      "Key",
      { description: "one" },
      { keyId: "key-id", arn: "arn:aws:kms:::key/key-id" },
    );
    const alias = (name: string, targetKeyId: string) =>
      resource("aws:kms/alias:Alias", name, { name, targetKeyId });
    const { resource: made } = translate([key, alias("a", "key-id"), alias("b", "kms-key-id")], {}, schemas);
    expect(made.aws_kms_alias).toMatchObject({
      a: { target_key_id: ref("aws_kms_key.Key.key_id") },
      b: { target_key_id: "kms-key-id" },
    });
  });

  it("escapes IAM's variables, which look like references", () => {
    const name = `uploads/${ref("*")}`;
    const { resource: made } = translate(
      [resource("aws:lambda/function:Function", "F", { name })],
      {},
      schemas,
    );
    expect(made.aws_lambda_function).toEqual({ F: { function_name: `uploads/$${ref("*")}` } });
  });

  it("names an unknown type or property", () => {
    const unknown = resource("aws:s3/other:Other", "X", {});
    expect(() => translate([unknown], {}, schemas)).toThrow("found aws_s3_other for aws:s3/other:Other");
    const odd = resource("aws:kms/key:Key", "Key", { colour: "red" });
    expect(() => translate([odd], {}, schemas)).toThrow(
      "Expected a property that aws_kms_key has, found colour.",
    );
  });
});
