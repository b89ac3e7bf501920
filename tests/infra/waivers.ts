import type { Graph } from "@thumbsmith/synth";
import type { Control, Finding } from "./controls/control.ts";

/** A finding that is accepted, with the reason. One that no finding needs any more fails its test. */
export interface Waiver {
  id: string;
  problem: string;
  why: string;
  /** For stages under `sst dev` alone. */
  live?: true;
}

export const waivers: Waiver[] = [
  {
    id: "S3.7",
    problem: "has 0 s3.BucketReplicationConfig",
    why: "A copy in a second region doubles the cost of storage, and only the owner of the data can say where it may lie.",
  },
  {
    id: "S3.9",
    problem: "has 0 s3.BucketLoggingV2",
    why: "S3 cannot deliver access logs to a bucket under a customer key. CloudTrail's data events say more, and are switched on for an account, not for an app.",
  },
  {
    id: "S3.15",
    problem: "has 0 s3.BucketObjectLockConfigurationV2",
    why: "Users delete their uploads, and the thumbnails have to follow. Old versions are kept for the days that the configuration says.",
  },
  {
    id: "S3.20",
    problem: "asks for none",
    why: "Only the account's root user can switch it on, by hand. Lifecycle rules do not work beside it.",
  },
  {
    id: "Lambda.3",
    problem: "is in none",
    why: "The function talks to S3, SQS, KMS and nothing else, all over TLS with its role. A VPC would add endpoints to pay for, and no boundary.",
  },
  {
    id: "CKV_AWS_116",
    problem: "has none of its own",
    why: "They are for asynchronous calls. The queue calls this function, and has dead letters.",
  },
  {
    id: "CKV_AWS_272",
    problem: "is not signed",
    why: "The code comes from the pipeline that deploys it, which would hold the signing profile too.",
  },
  {
    id: "CKV_AWS_45",
    problem: "is told SST_KEY",
    why: "SST makes it for every function. It opens the file of linked secrets, and nothing is linked.",
  },
  {
    id: "IAM5",
    problem: "may xray:PutTraceSegments everywhere",
    why: "Tracing has no resources to name. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html",
  },
  {
    id: "IAM5",
    problem: "may xray:PutTelemetryRecords everywhere",
    why: "As above.",
  },
  {
    id: "CloudFront.7",
    problem: "has CloudFront's own name",
    why: "For trying it out: CloudFront then also takes older TLS, whatever it is told. `CDN=img.example.com` gives it a name and a certificate of ours.",
  },
  {
    id: "CloudFront.1",
    problem: "has none",
    why: "There is no page. `/` would be the bucket's listing, which the bucket's policy refuses.",
  },
  {
    id: "CloudFront.4",
    problem: "has no second origin",
    why: "There is one bucket. What is in the cache is served without it.",
  },
  {
    id: "CloudFront.5",
    problem: "writes none",
    why: "It would hold the addresses of viewers, which only the owner of the data can decide to keep, and lie in us-east-1, out of the key's reach.",
  },
  {
    id: "CloudFront.6",
    problem: "stands behind none",
    why: "It answers GET and HEAD for objects that are public, and runs nothing. A firewall costs by the month and by the request.",
  },
  {
    id: "CKV_AWS_374",
    problem: "answers to all",
    why: "Only the owner of an application knows where its users are.",
  },
  {
    id: "IAM.1",
    problem: "may do appsync:*",
    why: "SST's stub reaches the developer's machine over AppSync Events, and hands it the event and the role's temporary credentials.",
    live: true,
  },
  {
    id: "IAM5",
    problem: "may appsync:* everywhere",
    why: "SST makes one AppSync API for an account, and every live function of the account may listen to it. So `sst dev` is for sandbox accounts only: docs/live-debugging.md.",
    live: true,
  },
  {
    id: "IAM.1",
    problem: "may do s3:*",
    why: "SST's stub hands large events over through SST's own asset bucket, and it is that bucket alone.",
    live: true,
  },
];

/** The waiver of a finding, if there is one. */
export function waiverOf({ ids }: Control, { problem }: Finding, graph: Graph): Waiver | undefined {
  return waivers.find(
    (waiver) => ids.includes(waiver.id) && waiver.problem === problem && (!waiver.live || graph.data.live),
  );
}

/** What a control has against a graph, and nobody has waived. */
export function openFindings(control: Control, graph: Graph): string[] {
  return control
    .find(graph)
    .filter((finding) => !waiverOf(control, finding, graph))
    .map(({ resource, problem }) => `${graph.label}: ${resource} ${problem}`);
}
