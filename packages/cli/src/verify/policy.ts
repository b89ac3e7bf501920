/** A policy document, as AWS returns it: a list of one may be a plain value. */
interface Statement {
  Effect: string;
  Principal?: unknown;
  Action?: string | string[];
  NotAction?: unknown;
  NotPrincipal?: unknown;
  NotResource?: unknown;
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | boolean | (string | boolean)[]>>;
}

/** A statement of a policy that is expected. */
export interface Rule {
  effect: "allow" | "deny";
  /** Services by their names, `*` for everyone; none in a role's own policies. */
  to?: string;
  actions: string[];
  on?: string[];
  /** `operator key` and the values. */
  when?: Record<string, string | string[]>;
}

/** A policy as a line for each action and resource, so that two that mean the same compare as equal. */
export function linesOf(document: string): string[] {
  const { Statement = [] }: { Statement?: Statement | Statement[] } = JSON.parse(document);
  return list(Statement).flatMap((statement) => {
    const inverted = (["NotAction", "NotPrincipal", "NotResource"] as const).filter(
      (name) => statement[name],
    );
    const when = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => [`${operator} ${key}`, list(values).map(String)] as const),
    );
    if (inverted.length > 0)
      return [`${statement.Effect} with ${inverted.join(", ")}: ${JSON.stringify(statement)}`];
    return principalsOf(statement.Principal).flatMap((to) =>
      lines({
        effect: statement.Effect === "Allow" ? "allow" : "deny",
        to,
        actions: list(statement.Action ?? []),
        on: statement.Resource === undefined ? undefined : list(statement.Resource),
        when: Object.fromEntries(when),
      }),
    );
  });
}

export function lines({ effect, to, actions, on, when = {} }: Rule): string[] {
  const conditions = Object.entries(when)
    .map(([name, values]) => `${name} = ${[...list(values)].sort().join(" or ")}`)
    .sort();
  return actions.flatMap((action) =>
    (on ?? [undefined]).map((resource) =>
      [
        effect,
        ...(to ? [to] : []),
        action,
        ...(resource ? [`on ${resource}`] : []),
        ...(conditions.length > 0 ? [`when ${conditions.join(" and ")}`] : []),
      ].join(" "),
    ),
  );
}

function principalsOf(principal: unknown): (string | undefined)[] {
  if (principal === undefined) return [undefined];
  if (typeof principal === "string") return [principal];
  return Object.values(principal as Record<string, string | string[]>).flatMap(list);
}

function list<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}

export const tlsOnly = (action: string, on: string[]): Rule => ({
  effect: "deny",
  to: "*",
  actions: [action],
  on,
  when: { "Bool aws:SecureTransport": "false" },
});
