import {
  acceptedSuffixes,
  type Config,
  matching,
  type Rule,
  ruleAround,
  whyNotRead,
} from "@thumbsmith/shared";

/** Which rule reads a key and why, or why none does, on one line. */
export function describeReader({ rules }: Pick<Config, "rules">, key: string): string {
  const rule = ruleAround({ rules }, key);
  if (!rule)
    return `none: the key begins with no rule's prefix: ${rules.map(({ prefix }) => prefix).join(" ")}`;
  const whyNot = whyNotRead(rule, key);
  if (whyNot) return `none: ${rule.prefix} is the longest matching prefix, but ${whyNot}`;
  return `${rule.prefix}, the longest matching prefix; ${reasonFor(rule, key)}`;
}

function reasonFor(rule: Rule, key: string): string {
  const suffix = acceptedSuffixes(rule).find((each) => key.endsWith(each));
  const named = suffix ? `its name ends in ${suffix}` : "the rule takes any name";
  const included = rule.include && matching(rule.include, key.slice(rule.prefix.length));
  return included ? `${named}, and its path matches ${included} of "include"` : named;
}
