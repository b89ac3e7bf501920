import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { notificationBody, parseNotification } from "./events.ts";

const event = (name: string) =>
  readFileSync(new URL(`../fixtures/events/${name}.json`, import.meta.url), "utf8");

describe("parseNotification", () => {
  it("reads a put", () => {
    expect(parseNotification(event("put"))).toEqual({
      jobs: [
        {
          bucket: "thumbsmith-uploads",
          key: "uploads/cats/tom.jpg",
          event: "ObjectCreated:Put",
          etag: "b21b84d653bb07b05b1e6b33684dc11b",
          size: 1305107,
          sequencer: "0055AED6DCD90281E5",
        },
      ],
      rejections: [],
    });
  });

  it.each([
    ["multipart", "ObjectCreated:CompleteMultipartUpload", "uploads/panorama.tif"],
    ["copy", "ObjectCreated:Copy", "uploads/copy of tom.jpg"],
    ["delete", "ObjectRemoved:Delete", "uploads/cats/tom.jpg"],
    ["delete-marker", "ObjectRemoved:DeleteMarkerCreated", "uploads/cats/tom.jpg"],
    ["restore-completed", "ObjectRestore:Completed", "uploads/archived.jpg"],
    ["lifecycle-expiration", "LifecycleExpiration:Delete", "uploads/old.jpg"],
  ])("reads the %s event, with its additional and missing fields", (name, eventName, key) => {
    expect(parseNotification(event(name)).jobs).toMatchObject([{ event: eventName, key }]);
  });

  it("returns no job for S3's test event", () => {
    expect(parseNotification(event("test"))).toEqual({ jobs: [], rejections: [] });
  });

  it("form-decodes keys, and reports a malformed one without losing the other records", () => {
    const { jobs, rejections } = parseNotification(event("odd-keys"));
    expect(jobs.map(({ key }) => key)).toEqual([
      "uploads/a b+é.JPG",
      "uploads/slash.jpg",
      "uploads/100%/🐈.webp",
      "uploads/after-it.jpg",
    ]);
    expect(rejections).toMatchObject([{ kind: "rejected", code: "invalid-key" }]);
    expect(rejections[0]?.message).toContain("uploads/bro%ken%.jpg");
  });

  it.each([
    ["text", "hello", "not JSON"],
    ["other JSON", '{"hello":1}', "Records: expected a list, found nothing"],
    ["null", "null", "expected an object, found null"],
    [
      "a record without a key",
      event("put").replace('"key"', '"name"'),
      "Records[0].s3.object.key: expected a string, found nothing",
    ],
    [
      "an unknown major version",
      event("put").replace('"2.1"', '"3.0"'),
      'Records[0].eventVersion: expected an event version "2.x", found "3.0"',
    ],
  ])("refuses %s", (_, body, message) => {
    expect(() => parseNotification(body)).toThrow(
      expect.objectContaining({
        kind: "failed",
        code: "invalid-message",
        message: expect.stringContaining(message),
      }),
    );
  });
});

// AWS's own examples: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
describe("parseNotification of an EventBridge event", () => {
  it("reads a put", () => {
    expect(parseNotification(event("bridge-created"))).toEqual({
      jobs: [
        {
          bucket: "amzn-s3-demo-bucket1",
          key: "example-key",
          event: "Object Created",
          etag: "b1946ac92492d2347c6235b4d2611184",
          size: 5,
          sequencer: "617f08299329d189",
        },
      ],
      rejections: [],
    });
  });

  it.each([
    ["a delete", "bridge-deleted", "Object Deleted"],
    ["an expiry", "bridge-expired", "Object Deleted"],
    ["a restore", "bridge-restored", "Object Restore Completed"],
  ])("makes %s a job for its key", (_, name, eventName) => {
    expect(parseNotification(event(name)).jobs).toMatchObject([{ event: eventName, key: "example-key" }]);
  });

  it("makes the deletion of an old version a job too: reconciling reads the current one", () => {
    const old = event("bridge-deleted").replace("Delete Marker Created", "Permanently Deleted");
    expect(parseNotification(old)).toEqual(parseNotification(event("bridge-deleted")));
  });

  it.each(["uploads/a b+é.JPG", "uploads/100%25/🐈.webp", "uploads/100%.jpg"])(
    "does not decode the key %s, which EventBridge does not encode",
    (key) => {
      const { jobs, rejections } = parseNotification(event("bridge-created").replace("example-key", key));
      expect(jobs.map((job) => job.key)).toEqual([key]);
      expect(rejections).toEqual([]);
    },
  );

  it("reads an event of a bucket without versions", () => {
    const json = JSON.parse(event("bridge-created"));
    delete json.detail.object["version-id"];
    expect(parseNotification(JSON.stringify(json)).jobs).toMatchObject([{ key: "example-key" }]);
    json.detail.object["version-id"] = null;
    expect(parseNotification(JSON.stringify(json)).jobs).toMatchObject([{ key: "example-key" }]);
  });

  it.each([
    ["another service's event", '"aws.s3"', '"aws.ec2"', 'source: expected one of "aws.s3", found "aws.ec2"'],
    ["an event without a key", '"key"', '"name"', "detail.object.key: expected a string, found nothing"],
  ])("refuses %s", (_, from, to, message) => {
    expect(() => parseNotification(event("bridge-created").replace(from, to))).toThrow(
      expect.objectContaining({ code: "invalid-message", message: expect.stringContaining(message) }),
    );
  });
});

describe("notificationBody", () => {
  it.each(["uploads/a b+é.JPG", "uploads/100%/🐈.webp", "uploads/'(*)!.png"])("carries the key %s", (key) => {
    const job = { bucket: "uploads-bucket", key, event: "Backfill" };
    expect(parseNotification(notificationBody(job)).jobs).toMatchObject([job]);
  });

  it("says where no event of S3 is repeated", () => {
    const body = notificationBody({ bucket: "uploads-bucket", key: "uploads/a.jpg" });
    expect(parseNotification(body).jobs).toMatchObject([{ event: "Reconcile" }]);
  });
});
