import { type Config, type ConfigInput, defineConfig, parseManifest } from "@thumbsmith/shared";

type Variant = ConfigInput["rules"][number]["variants"][number];

const small: Variant = { prefix: "small/", width: 1 };
const large: Variant = { prefix: "large/", width: 9 };
type More = { formats?: ["webp"]; thumbHash?: boolean; whenDeleted?: "keep"; bytes?: number };
const config = (variants: Variant[], { bytes = 40, ...rule }: More = {}) =>
  defineConfig({
    rules: [{ prefix: "uploads/", variants, ...rule }],
    limits: { bytes },
    retired: [small, large]
      .map(({ prefix }) => prefix)
      .filter((old) => !variants.some(({ prefix }) => prefix === old)),
  });

/** From one to another, variants are added, removed, changed and renamed. */
export const configs = {
  both: config([small, large]),
  small: config([small]),
  large: config([large]),
  smaller: config([{ ...small, width: 2 }, large]),
  /** Other headers. */
  cached: config([{ ...small, cacheControl: "no-store" }, large]),
  hashed: config([large, small], { thumbHash: true }),
  /** Release 0.1 is deployed, with its manifests. */
  first: config([large, small]),
  /** The output of `a.jpg` is `a.jpg.webp`, which in the other configs is the output of the source `a.jpg.webp`. */
  webp: config([{ ...small, format: "webp" }]),
  /** Accepts larger sources. */
  generous: config([small, large], { bytes: 80 }),
  /** Outputs outlive their sources. */
  keep: config([small, large], { whenDeleted: "keep" }),
  keepSmaller: config([{ ...small, width: 2 }], { whenDeleted: "keep" }),
  /** No longer accepts `a.jpg`. */
  webpOnly: config([small], { formats: ["webp"] }),
};

/** A manifest as the deployed release writes it: 0.1 does not record what each output was made with. */
export function asWritten(body: Uint8Array, by: Config): Uint8Array {
  const manifest = by === configs.first ? parseManifest(Buffer.from(body).toString()) : undefined;
  if (manifest?.outcome !== "made") return body;
  const outputs = manifest.outputs.map((output) => ({ ...output, made: undefined, cacheControl: undefined }));
  return Buffer.from(JSON.stringify({ ...manifest, outputs }));
}
