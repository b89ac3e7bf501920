import { outputsOf, srcsetOf, urlOf } from "@thumbsmith/shared/keys";
import { rules } from "./rules.ts";

/** The attributes of an `<img>` of an upload: the browser takes the width that it needs. For a page, or a server. */
export function imageOf(base: string, sourceKey: string) {
  const outputs = outputsOf({ rules }, sourceKey);
  const [smallest] = outputs;
  return smallest && { src: urlOf(base, smallest), srcset: srcsetOf(base, outputs), sizes: "100vw" };
}
