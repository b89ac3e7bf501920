/** A statement of a policy. */
export interface Statement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | Record<string, string | string[]>;
  Action: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** The caller: a role or user, or an AWS service. */
export type Principal = { arn: string } | { service: string };

/** One request that AWS authorizes. */
export interface Request {
  principal: Principal;
  action: string;
  resource: string;
  /** Condition keys and their values. Others are absent from the request. */
  context: Record<string, string>;
}

/** The policies that decide. */
export interface Policies {
  /** The principal's policies. A service has none. */
  identity: Statement[];
  /** The policy of the resource: of a bucket, queue, topic or key, or a role's trust. */
  resource: Statement[];
  account: string;
}

/**
 * Decides as AWS does within one account and across two, without boundaries and service control policies. A Deny always
 * wins. Otherwise an Allow is needed: from either side in the same account, from both sides across accounts.
 * For a key, an identity's Allow counts only if the key's policy lets the account decide.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed(request: Request, { identity, resource, account }: Policies): boolean {
  const ofIdentity = identity.filter((statement) => applies(statement, request));
  const ofResource = resource.filter(
    (statement) => names(statement.Principal, request.principal) && applies(statement, request),
  );
  if ([...ofIdentity, ...ofResource].some(({ Effect }) => Effect === "Deny")) return false;
  if ("service" in request.principal) return ofResource.length > 0;
  if (accountOf(request.principal.arn) !== account) return ofIdentity.length > 0 && ofResource.length > 0;
  // A statement that allows the account only lets the account's policies decide.
  const direct = ofResource.filter(({ Principal }) => !principals(Principal).some(isAccount));
  if (direct.length > 0) return true;
  const asked = /^(kms|sts):/.test(request.action) ? ofResource.length > 0 : true;
  return asked && ofIdentity.length > 0;
}

function applies(statement: Statement, { action, resource, context }: Request): boolean {
  const { Sid, Effect, Principal, Action, Resource = "*", Condition = {}, ...unknown } = statement;
  if (Object.keys(unknown).length > 0) {
    throw new Error(`Expected a statement that the evaluator knows, found ${Object.keys(unknown)} in it.`);
  }
  return (
    list(Action).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    list(Resource).some((pattern) => matches(pattern, resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, context[key], list(values))),
    )
  );
}

/** Whether a statement's Principal includes this one: by its name, by its account, or by "*". */
function names(given: Statement["Principal"], principal: Principal): boolean {
  if (given === "*") return true;
  if ("service" in principal) return list(given?.Service).includes(principal.service);
  return principals(given).some(
    (name) =>
      name === "*" ||
      name === principal.arn ||
      (isAccount(name) && (accountOf(name) ?? name) === accountOf(principal.arn)),
  );
}

const principals = (given: Statement["Principal"]) => (given === "*" ? ["*"] : list(given?.AWS));
const isAccount = (name: string) => /^(\d{12}|arn:aws:iam::\d{12}:root)$/.test(name);
const accountOf = (arn: string) => arn.split(":")[4];

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function holds(operator: string, found: string | undefined, expected: string[]): boolean {
  switch (operator) {
    case "Null":
      return expected.includes(String(found === undefined));
    case "Bool":
    case "StringEquals":
      return found !== undefined && expected.includes(found);
    case "StringNotEquals":
      return found === undefined || !expected.includes(found);
    case "StringLike":
    case "ArnLike":
    case "ArnEquals":
      return found !== undefined && expected.some((pattern) => matches(pattern, found));
    default:
      throw new Error(`Expected a condition operator that the evaluator knows, found ${operator}.`);
  }
}

/** `*` and `?` are wildcards; `${*}`, `${?}` and `${$}` stand for the characters themselves. */
function matches(pattern: string, text: string): boolean {
  const source = pattern.replace(/\$\{([*?$])\}|\*|\?|[.+^${}()|[\]\\]/g, (part, literal?: string) => {
    if (literal) return `\\${literal}`;
    return { "*": ".*", "?": "." }[part] ?? `\\${part}`;
  });
  return new RegExp(`^${source}$`, "s").test(text);
}

export function list<T>(value: T | T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
