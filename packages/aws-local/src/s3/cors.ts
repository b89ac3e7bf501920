import type { IncomingMessage } from "node:http";
import { S3Error } from "../errors.ts";
import type { S3Response } from "./request.ts";
import { parseXml, type XmlElement, type XmlValue } from "./xml.ts";

/** Which web pages of other origins may access a bucket. */
export interface CorsRule {
  id?: string | undefined;
  origins: string[];
  methods: string[];
  headers: string[];
  exposed: string[];
  maxAge?: string | undefined;
}

const METHODS = ["GET", "PUT", "POST", "DELETE", "HEAD"];
const MAX_RULES = 100;

/** Reads and checks the body of PutBucketCors. */
export function parseCors(xml: string): CorsRule[] {
  const rules = parseXml(xml, "CORSConfiguration").children("CORSRule").map(parseRule);
  if (rules.length === 0 || rules.length > MAX_RULES) throw new S3Error("MalformedXML");
  return rules;
}

function parseRule(element: XmlElement): CorsRule {
  const rule = {
    id: element.text("ID"),
    origins: element.texts("AllowedOrigin"),
    methods: element.texts("AllowedMethod"),
    headers: element.texts("AllowedHeader"),
    exposed: element.texts("ExposeHeader"),
    maxAge: element.text("MaxAgeSeconds"),
  };
  if (rule.origins.length === 0 || rule.methods.length === 0) throw new S3Error("MalformedXML");
  const unknown = rule.methods.find((method) => !METHODS.includes(method));
  if (unknown !== undefined) {
    const message = `Found unsupported HTTP method in CORS config. Unsupported method is ${unknown}`;
    throw new S3Error("InvalidRequest", message);
  }
  const wild = [...rule.origins, ...rule.headers].find((pattern) => pattern.split("*").length > 2);
  if (wild === undefined) return rule;
  throw new S3Error("InvalidRequest", `"${wild}" can not have more than one wildcard.`);
}

/** The answer of GetBucketCors. */
export function describeCors(rules: readonly CorsRule[] | undefined): XmlValue {
  if (!rules) throw new S3Error("NoSuchCORSConfiguration");
  return {
    CORSRule: rules.map(({ id, origins, methods, headers, exposed, maxAge }) => ({
      ID: id,
      AllowedOrigin: origins,
      AllowedMethod: methods,
      AllowedHeader: headers,
      ExposeHeader: exposed,
      MaxAgeSeconds: maxAge,
    })),
  };
}

/** Answers a browser's preflight request, which is not signed. */
export function preflight(rules: readonly CorsRule[] | undefined, { headers }: IncomingMessage): S3Response {
  const { origin, "access-control-request-method": method } = headers;
  if (!origin) throw new S3Error("BadRequest", "Insufficient information. Origin request header needed.");
  if (!method) throw new S3Error("BadRequest", "Invalid Access-Control-Request-Method: null");
  if (!rules) throw new S3Error("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.");
  const asked = list(headers["access-control-request-headers"]);
  const rule = rules.find((candidate) => allows(candidate, origin, method, asked));
  if (!rule) {
    const message =
      "CORSResponse: This CORS request is not allowed: no rule has its origin, its method and its headers.";
    throw new S3Error("AccessForbidden", message);
  }
  return {
    status: 200,
    headers: {
      ...responseHeaders(rule, origin),
      "access-control-allow-headers": asked.join(", ") || undefined,
    },
  };
}

/** The headers that let the page read the answer, which may be an error. */
export function corsHeaders(
  rules: readonly CorsRule[] | undefined,
  { method = "", headers: { origin } }: IncomingMessage,
): NonNullable<S3Response["headers"]> {
  const rule = origin && rules?.find((candidate) => allows(candidate, origin, method, []));
  return rule ? responseHeaders(rule, origin) : {};
}

function allows({ origins, methods, headers }: CorsRule, origin: string, method: string, asked: string[]) {
  return (
    origins.some((pattern) => matches(pattern, origin)) &&
    methods.includes(method) &&
    asked.every((name) => headers.some((pattern) => matches(pattern.toLowerCase(), name)))
  );
}

function responseHeaders({ origins, methods, exposed, maxAge }: CorsRule, origin: string) {
  const anyone = origins.includes("*");
  return {
    "access-control-allow-origin": anyone ? "*" : origin,
    "access-control-allow-methods": methods.join(", "),
    "access-control-expose-headers": exposed.join(", ") || undefined,
    "access-control-max-age": maxAge,
    "access-control-allow-credentials": anyone ? undefined : "true",
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
}

/** A pattern has at most one `*`. */
function matches(pattern: string, text: string): boolean {
  const [start = "", end] = pattern.split("*");
  if (end === undefined) return pattern === text;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}

function list(header = ""): string[] {
  return header
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
}
