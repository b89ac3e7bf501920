import { readFile } from "node:fs/promises";
import path from "node:path";
import { synthesize } from "@thumbsmith/synth";
import { expect, it } from "vitest";
import { root } from "./fields.ts";
import { code, expectSections } from "./sections.ts";

const EXAMPLE = path.join(root, "examples/beside-your-app/infra.ts");

it("docs/beside-your-app.md has the example's code (vitest -u writes it)", async () => {
  const file = path.join(root, "docs/beside-your-app.md");
  await expectSections(file, { infra: code("ts", await readFile(EXAMPLE, "utf8")) });
});

it("the example calls its function for manifests, and lets it read what they name", async () => {
  const { data } = await synthesize({ stage: "kim", addition: EXAMPLE });
  const inputsOf = (name: string) => data.resources.find((resource) => resource.name === name)?.inputs ?? {};
  expect(JSON.parse(inputsOf("AccountSubscriberPictureDoneRule").eventPattern)).toEqual({
    source: ["aws.s3"],
    "detail-type": ["Object Created"],
    detail: { bucket: { name: ["<thumbnailsBucket>"] }, object: { key: [{ prefix: "manifests/" }] } },
  });
  const [{ policy }] = inputsOf("AccountSubscriberPictureDoneFunctionRole").inlinePolicies;
  // There is also the use of this application's key, which every function of a component is given.
  const statements: unknown[] = JSON.parse(policy).Statement;
  const manifests = [
    "arn:aws:s3:::<thumbnailsBucket>/thumbnails/*",
    "arn:aws:s3:::<thumbnailsBucket>/manifests/*",
  ];
  expect(statements).toContainEqual(
    expect.objectContaining({ Action: ["s3:GetObject"], Resource: manifests }),
  );
  expect(statements).toContainEqual(
    expect.objectContaining({ Action: ["kms:Decrypt"], Resource: ["<keyArn>"] }),
  );
});
