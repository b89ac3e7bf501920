import { outputsOf, srcsetOf, urlOf } from "@thumbsmith/shared/keys";
import { rules } from "./rules.ts";

/** The attributes of an upload's `<img>`, for a page or a server. The browser picks the width that it needs. */
export function imageOf(base: string, sourceKey: string) {
  const outputs = outputsOf({ rules }, sourceKey);
  const [smallest] = outputs;
  return smallest && { src: urlOf(base, smallest), srcset: srcsetOf(base, outputs), sizes: "100vw" };
}
