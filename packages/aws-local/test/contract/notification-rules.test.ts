import {
  DeleteObjectCommand,
  type Event,
  GetBucketNotificationConfigurationCommand,
} from "@aws-sdk/client-s3";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";
import { ALL, names, notifications, rule } from "./notifications.ts";

const endpoint = await connect();
const { s3 } = endpoint;
const { bucketAndQueue, configure, put, records } = notifications(endpoint);
afterAll(() => endpoint.close());

const FILTERS: {
  title: string;
  events: Event[];
  filter: { prefix?: string; suffix?: string };
  expected: string[];
}[] = [
  {
    title: "the prefix",
    events: ["s3:ObjectCreated:*"],
    filter: { prefix: "up/" },
    expected: ["ObjectCreated:Put up/a.jpg", "ObjectCreated:Put up/b.txt"],
  },
  {
    title: "the suffix",
    events: ["s3:ObjectCreated:*"],
    filter: { suffix: ".jpg" },
    expected: ["ObjectCreated:Put other/c.jpg", "ObjectCreated:Put up/a.jpg"],
  },
  {
    title: "prefix and suffix",
    events: ["s3:ObjectCreated:*"],
    filter: { prefix: "up/", suffix: ".jpg" },
    expected: ["ObjectCreated:Put up/a.jpg"],
  },
  {
    title: "one kind of event",
    events: ["s3:ObjectRemoved:Delete"],
    filter: {},
    expected: ["ObjectRemoved:Delete up/a.jpg"],
  },
  { title: "an event that does not happen", events: ["s3:ObjectCreated:Copy"], filter: {}, expected: [] },
];

behaves.each(FILTERS)(
  "a queue only gets the events of its rule: $title",
  async ({ events, filter, expected }) => {
    const [Bucket, queue] = await bucketAndQueue();
    await configure(Bucket, [rule(queue, events, filter)]);
    for (const key of ["up/a.jpg", "up/b.txt", "other/c.jpg"]) await put(Bucket, key);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "up/a.jpg" }));
    expect(names(await records(queue)).toSorted()).toEqual(expected);
  },
);

behaves("a filter's special characters are form-encoded", async () => {
  const [Bucket, queue] = await bucketAndQueue();
  await configure(Bucket, [rule(queue, ALL, { prefix: "my+photos/", suffix: "%281%29.jpg" })]);
  await put(Bucket, "my photos/a(1).jpg");
  await put(Bucket, "my+photos/a%281%29.jpg");
  expect(names(await records(queue))).toEqual(["ObjectCreated:Put my photos/a(1).jpg"]);
});

behaves("a configuration is returned as it was set, and can be cleared", async () => {
  const [Bucket, queue] = await bucketAndQueue();
  const read = async () =>
    (await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).QueueConfigurations;
  expect(await read()).toBeUndefined();
  await configure(Bucket, [
    { Id: "one", ...rule(queue, ["s3:ObjectCreated:Put"], { prefix: "a/", suffix: ".jpg" }) },
  ]);
  expect(await read()).toEqual([
    {
      Id: "one",
      QueueArn: queue.arn,
      Events: ["s3:ObjectCreated:Put"],
      Filter: {
        Key: {
          FilterRules: [
            { Name: "Prefix", Value: "a/" },
            { Name: "Suffix", Value: ".jpg" },
          ],
        },
      },
    },
  ]);
  await configure(Bucket, []);
  await put(Bucket, "a/b.jpg");
  expect(await read()).toBeUndefined();
  expect(await records(queue)).toEqual([]);
});

const OVERLAPS: {
  title: string;
  a: Parameters<typeof rule>[2];
  b: Parameters<typeof rule>[2];
  refused: boolean;
}[] = [
  { title: "no filters", a: {}, b: {}, refused: true },
  { title: "a prefix within a prefix", a: { prefix: "a" }, b: { prefix: "ab" }, refused: true },
  { title: "a suffix within a suffix", a: { suffix: "jpg" }, b: { suffix: ".jpg" }, refused: true },
  { title: "a prefix and a suffix", a: { prefix: "a/" }, b: { suffix: ".jpg" }, refused: true },
  { title: "different prefixes", a: { prefix: "a/" }, b: { prefix: "b/" }, refused: false },
  {
    title: "the same prefix and different suffixes",
    a: { prefix: "a/", suffix: ".jpg" },
    b: { prefix: "a/", suffix: ".png" },
    refused: false,
  },
];

behaves.each(OVERLAPS.filter(({ refused }) => refused))(
  "two rules for the same events that overlap are refused: $title",
  async ({ a, b }) => {
    const [Bucket, queue] = await bucketAndQueue();
    const rules = [rule(queue, ["s3:ObjectCreated:*"], a), rule(queue, ["s3:ObjectCreated:Put"], b)];
    expect(await refusal(configure(Bucket, rules))).toEqual([400, "InvalidArgument"]);
  },
);

behaves.each(OVERLAPS.filter(({ refused }) => !refused))(
  "two rules for the same events that cannot overlap are accepted: $title",
  async ({ a, b }) => {
    const [Bucket, queue] = await bucketAndQueue();
    await configure(Bucket, [rule(queue, ALL, a), rule(queue, ALL, b)]);
  },
);

behaves("events of expiry and restoring are accepted", async () => {
  const [Bucket, queue] = await bucketAndQueue();
  await configure(Bucket, [
    rule(queue, ["s3:LifecycleExpiration:DeleteMarkerCreated", "s3:ObjectRestore:Completed"]),
  ]);
});

behaves("rules for different events may overlap", async () => {
  const [Bucket, queue] = await bucketAndQueue();
  await configure(Bucket, [rule(queue, ["s3:ObjectCreated:*"]), rule(queue, ["s3:ObjectRemoved:*"])]);
});

behaves("a missing queue is refused", async () => {
  const [Bucket, queue] = await bucketAndQueue();
  const missing = { ...queue, arn: `${queue.arn}-missing` };
  expect(await refusal(configure(Bucket, [rule(missing, ALL)]))).toEqual([400, "InvalidArgument"]);
});
