import { XMLParser } from "fast-xml-parser";
import { S3Error } from "../errors.ts";

export type XmlValue = string | number | boolean | undefined | XmlValue[] | { [name: string]: XmlValue };

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

// Entities are decoded here: the parser drops references to control characters, which are legal in keys.
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  processEntities: false,
  tagValueProcessor: (_name, text) => decodeEntities(text),
});

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi, (_all, hex, decimal, name) => {
    if (name) return NAMED[name as keyof typeof NAMED];
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });
}

/** Parses a document with this root element. Throws S3's MalformedXML for anything else. */
export function parseXml(text: string, root: string): XmlElement {
  let document: unknown;
  try {
    document = parser.parse(text, true);
  } catch (error) {
    throw new S3Error("MalformedXML", undefined, { cause: error });
  }
  if (!isObject(document) || !(root in document)) throw new S3Error("MalformedXML");
  return new XmlElement(document[root]);
}

/** An element of a parsed document, whose children are read by name. */
export class XmlElement {
  readonly #content: unknown;

  constructor(content: unknown) {
    this.#content = content;
  }

  children(name: string): XmlElement[] {
    const child = isObject(this.#content) && Object.hasOwn(this.#content, name) ? this.#content[name] : [];
    return (Array.isArray(child) ? child : [child]).map((content) => new XmlElement(content));
  }

  text(name: string): string | undefined {
    return this.texts(name)[0];
  }

  texts(name: string): string[] {
    return this.children(name)
      .map((child) => child.#content)
      .filter((content) => typeof content === "string");
  }

  required(name: string): string {
    const text = this.text(name);
    if (text === undefined) throw new S3Error("MalformedXML");
    return text;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

const WITHOUT_NAMESPACE = ["Error", "PostResponse"];

/** Writes a document. An array repeats its element, and `undefined` leaves it out. */
export function toXml(root: string, content: XmlValue): string {
  const namespace = WITHOUT_NAMESPACE.includes(root)
    ? ""
    : ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace}>${inner(content)}</${root}>`;
}

function inner(value: XmlValue): string {
  if (Array.isArray(value)) return value.map(inner).join("");
  if (typeof value !== "object") return value === undefined ? "" : escapeText(String(value));
  return Object.entries(value)
    .flatMap(([name, child]) => (Array.isArray(child) ? child : [child]).map((item) => [name, item] as const))
    .map(([name, item]) => (item === undefined ? "" : `<${name}>${inner(item)}</${name}>`))
    .join("");
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeText(text: string): string {
  return text.replace(/[&<>"\x00-\x1f\x7f]/g, (c) => ESCAPES[c] ?? `&#x${c.charCodeAt(0).toString(16)};`);
}
