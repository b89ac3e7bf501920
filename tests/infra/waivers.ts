import type { Graph } from "@thumbsmith/synth";
import type { Control, Finding } from "./controls/control.ts";

/** A finding that is accepted, with the reason. If no finding needs it anymore, its test fails. */
export interface Waiver {
  id: string;
  problem: string;
  why: string;
  /** Only for stages under `sst dev`. */
  live?: true;
}

export const waivers: Waiver[] = [
  {
    id: "S3.7",
    problem: "has 0 s3.BucketReplicationConfig",
    why: "A copy in a second region doubles the cost of storage, and only the owner of the data can say where it may be stored.",
  },
  {
    id: "S3.9",
    problem: "has 0 s3.BucketLoggingV2",
    why: "S3 cannot deliver access logs to a bucket under a customer key. CloudTrail's data events say more, and are turned on for an account, not for an app.",
  },
  {
    id: "S3.15",
    problem: "has 0 s3.BucketObjectLockConfigurationV2",
    why: "Users delete their uploads, and the thumbnails have to follow. Old versions are kept for the days that the configuration says.",
  },
  {
    id: "S3.20",
    problem: "requires no second factor",
    why: "Only the account's root user can turn it on, by hand. Lifecycle rules do not work with it.",
  },
  {
    id: "Lambda.3",
    problem: "is not in a VPC",
    why: "The function talks to S3, SQS, KMS and nothing else, all over TLS with its role. A VPC would cost money for endpoints, without protecting anything.",
  },
  {
    id: "CKV_AWS_116",
    problem: "has no dead letters",
    why: "Those are for asynchronous calls. This function is called by a queue, which has dead letters.",
  },
  {
    id: "CKV_AWS_272",
    problem: "is not signed",
    why: "The pipeline that deploys the code would also hold the signing profile, so a signature proves nothing.",
  },
  {
    id: "CKV_AWS_45",
    problem: "has SST_KEY in its environment",
    why: "SST makes it for every function. It decrypts the file of linked secrets, and nothing is linked.",
  },
  {
    id: "IAM5",
    problem: "may xray:PutTraceSegments everywhere",
    why: "Tracing has no resources that a policy could name. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html",
  },
  {
    id: "IAM5",
    problem: "may xray:PutTelemetryRecords everywhere",
    why: "As above.",
  },
  {
    id: "CloudFront.7",
    problem: "uses CloudFront's own domain",
    why: "For trying it out: at its own domain, CloudFront always accepts older TLS too. `CDN=img.example.com` gives it our domain and certificate.",
  },
  {
    id: "CloudFront.1",
    problem: "has no default root object",
    why: "There is no page. `/` would be the bucket's listing, which the bucket's policy refuses.",
  },
  {
    id: "CloudFront.4",
    problem: "has no second origin",
    why: "There is only one bucket. Cached thumbnails are served without it.",
  },
  {
    id: "CloudFront.5",
    problem: "writes no access log",
    why: "It would contain viewers' IP addresses, which only the owner of the data can decide to keep, and be in us-east-1, where the key cannot be used.",
  },
  {
    id: "CloudFront.6",
    problem: "has no firewall",
    why: "It serves GET and HEAD of public objects, and runs no code. A firewall costs money per month and per request.",
  },
  {
    id: "CKV_AWS_374",
    problem: "serves all countries",
    why: "Only the owner of an application knows where its users are.",
  },
  {
    id: "IAM.1",
    problem: "may do appsync:*",
    why: "SST's stub reaches the developer's machine over AppSync Events, and passes on the event and the role's temporary credentials.",
    live: true,
  },
  {
    id: "IAM5",
    problem: "may appsync:* everywhere",
    why: "SST creates one AppSync API per account, and every live function in the account may listen to it. So use `sst dev` only in sandbox accounts: docs/live-debugging.md.",
    live: true,
  },
  {
    id: "IAM.1",
    problem: "may do s3:*",
    why: "SST's stub passes large events through SST's own asset bucket, and only that bucket is allowed.",
    live: true,
  },
];

/** The waiver of a finding, if there is one. */
export function waiverOf({ ids }: Control, { problem }: Finding, graph: Graph): Waiver | undefined {
  return waivers.find(
    (waiver) => ids.includes(waiver.id) && waiver.problem === problem && (!waiver.live || graph.data.live),
  );
}

/** The findings of a control that are not waived. */
export function openFindings(control: Control, graph: Graph): string[] {
  return control
    .find(graph)
    .filter((finding) => !waiverOf(control, finding, graph))
    .map(({ resource, problem }) => `${graph.label}: ${resource} ${problem}`);
}
