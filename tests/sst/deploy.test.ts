import { type Resource, synthesize } from "@thumbsmith/synth";
import { describe, expect, inject, it } from "vitest";
import { edited } from "./deployment.ts";

/** What both must agree on, in any order. Names have random ends, and digests and folders depend on the build. */
function comparable(resources: Resource[]): object[] {
  const same = resources.map(({ type, name, parent, retained, inputs: { __provider, source, ...inputs } }) =>
    JSON.stringify({ type, name, parent, retained, inputs })
      .replace(/-[abcdefhkmnorstuvwxz]{8}(?![a-z])/g, "-random")
      .replace(/(?<=JobsSubscriber)[A-Z][a-z]{5}/g, "Random")
      .replace(/\b[0-9a-f]{64}\b/g, "digest"),
  );
  return same.sort().map((json) => JSON.parse(json));
}

describe.each([inject("personal"), inject("production")])(
  "`sst deploy` of stage $stage",
  ({ stage, environment, architecture, formats, said, resources, outputs, preview }) => {
    it("registers the same resources as `synthesize`", async () => {
      const { data } = await synthesize({
        ...{ stage, region: "us-east-1", environment },
        edit: edited({ architecture, ...(formats && { formats }) }),
      });
      expect(comparable(resources)).toEqual(comparable(data.resources));
      expect(Object.keys(outputs)).toEqual(Object.keys(data.outputs));
    }, 120_000);

    it("registers the same resources in a preview, and never puts an unknown output into a text", () => {
      const names = resources.map(({ type, name }) => `${type} ${name}`);
      for (const { type, name } of preview.resources) expect(names).toContain(`${type} ${name}`);
      // The text of an output in a template: https://github.com/pulumi/pulumi/blob/v3.210.0/sdk/nodejs/output.ts
      expect(JSON.stringify({ preview, resources })).not.toMatch(/Calling \[to(String|JSON)\]/);
    });

    it("prints the outputs that other commands read", () => {
      for (const [name, value] of Object.entries(outputs)) {
        if (typeof value === "string") expect(said).toContain(`${name}: ${value}`);
      }
    });
  },
);
