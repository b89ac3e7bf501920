import type { Graph } from "@thumbsmith/synth";
import { ACCOUNT } from "@thumbsmith/synth";
import { ask, type Call, call, ifNew, landmarks } from "./call.ts";

const scheduler = { service: "scheduler.amazonaws.com" };

/** The canary's function. Undefined on a stage without a canary. */
function marksOf(graph: Graph) {
  const role = graph.all("iam.Role").find(({ name }) => name === "CanaryRole");
  if (!role) return undefined;
  const marks = landmarks(graph);
  const principal = { arn: role.outputs.arn as string };
  return {
    ...marks,
    schedule: graph.one("iam.Role", "CanaryScheduleRole").outputs.arn as string,
    group: `arn:aws:scheduler:${marks.region}:${ACCOUNT}:schedule-group/default`,
    picture: `${marks.uploads}/uploads/thumbsmith-canary-1.jpg`,
    may: (action: string, resource: string, context = {}) => ask(principal, action, resource, context),
    throughS3: (action: string, key = marks.key) =>
      ask(principal, `kms:${action}`, key, { "kms:ViaService": `s3.${marks.region}.amazonaws.com` }),
  };
}

export function neededByCanary(graph: Graph): Call[] {
  const marks = marksOf(graph);
  if (!marks) return [];
  const { may, throughS3, picture, uploadsKey, uploadsRule, thumbnails, schedule, group } = marks;
  const manifest = "manifests/uploads/thumbsmith-canary-1.jpg.json";
  const read = may("s3:GetObject", `${thumbnails}/${manifest}`);
  const absence = may("s3:ListBucket", thumbnails, { "s3:prefix": manifest });
  const here = { "aws:SourceAccount": ACCOUNT, "aws:SourceArn": group };
  return [
    call(
      "the canary uploads its image",
      may("s3:PutObject", picture),
      throughS3("GenerateDataKey", uploadsKey),
    ),
    call("the canary removes its image", may("s3:DeleteObjectVersion", picture)),
    ...(uploadsRule
      ? [call("the canary removes its image from a bucket without versions", may("s3:DeleteObject", picture))]
      : []),
    call("the canary reads its manifest", read, throughS3("Decrypt")),
    call("the canary learns that there is no manifest yet", absence),
    call("the canary's schedule assumes its role", ask(scheduler, "sts:AssumeRole", schedule, here)),
  ];
}

export function forbiddenToCanary(graph: Graph): Call[] {
  const marks = marksOf(graph);
  if (!marks) return [];
  const { may, uploads, thumbnails, key, jobs, schedule, group, picture } = marks;
  const there = {
    "aws:SourceAccount": "999999999999",
    "aws:SourceArn": group.replace(ACCOUNT, "999999999999"),
  };
  return [
    ["uploads another image", may("s3:PutObject", `${uploads}/uploads/a.jpg`)] as const,
    ["deletes an upload", may("s3:DeleteObject", `${uploads}/uploads/a.jpg`)] as const,
    ["deletes a version of an upload", may("s3:DeleteObjectVersion", `${uploads}/uploads/a.jpg`)] as const,
    ["reads an upload", may("s3:GetObject", `${uploads}/uploads/a.jpg`)] as const,
    ["lists the uploads", may("s3:ListBucket", uploads, { "s3:prefix": "uploads/" })] as const,
    ["reads another manifest", may("s3:GetObject", `${thumbnails}/manifests/uploads/a.jpg.json`)] as const,
    ["lists manifests", may("s3:ListBucket", thumbnails, { "s3:prefix": "manifests/" })] as const,
    ["writes a thumbnail", may("s3:PutObject", `${thumbnails}/thumbnails/a.jpg`, ifNew)] as const,
    ["makes its image public", may("s3:PutObjectAcl", picture)] as const,
    ["encrypts with the key by itself", may("kms:GenerateDataKey", key)] as const,
    ["receives events of uploads", may("sqs:ReceiveMessage", jobs)] as const,
    ["is scheduled by another account", ask(scheduler, "sts:AssumeRole", schedule, there)] as const,
  ].map(([what, request]) => call(`the canary ${what}`, request));
}
