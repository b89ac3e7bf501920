import type { Graph } from "@thumbsmith/synth";
import { ask, type Call, call, ifNew, ifSame, landmarks } from "./call.ts";

/** The example of an application, which links `infra/application.ts`. Undefined if the graph does not have it. */
function marksOf(graph: Graph) {
  const { region, key, uploadsKey, ...marks } = landmarks(graph);
  if (!graph.all("iam.Role").some(({ name }) => name === "ApplicationRole")) return undefined;
  const roleOf = (name: string) => {
    const principal = { arn: graph.one("iam.Role", name).outputs.arn as string };
    return {
      may: (action: string, resource: string, context = {}) => ask(principal, action, resource, context),
      throughS3: (action: string, of = key) =>
        ask(principal, `kms:${action}`, of, { "kms:ViaService": `s3.${region}.amazonaws.com` }),
    };
  };
  return {
    ...marks,
    key,
    uploadsKey,
    ...roleOf("ApplicationRole"),
    uploading: roleOf("ApplicationUploadingRole"),
    reading: roleOf("ApplicationReadingRole"),
  };
}

/** The permissions that S3 requires of an application that signs a URL, or calls S3 itself. */
export function neededByApplication(graph: Graph): Call[] {
  const marks = marksOf(graph);
  if (!marks) return [];
  const { uploading, reading, uploads, uploadsKey, thumbnails } = marks;
  const source = `${uploads}/uploads/kim/a.jpg`;
  const stored = ["thumbnails/kim/a.jpg", "manifests/uploads/kim/a.jpg.json"];
  return [
    call(
      "an application's browser uploads by PUT or POST",
      uploading.may("s3:PutObject", source),
      uploading.throughS3("GenerateDataKey", uploadsKey),
    ),
    call(
      "an application uploads in parts",
      uploading.may("s3:PutObject", source),
      uploading.throughS3("GenerateDataKey", uploadsKey),
      uploading.throughS3("Decrypt", uploadsKey),
    ),
    call("an application aborts an upload in parts", uploading.may("s3:AbortMultipartUpload", source)),
    ...stored.flatMap((name) => [
      call(
        `an application reads ${name}`,
        reading.may("s3:GetObject", `${thumbnails}/${name}`),
        reading.throughS3("Decrypt"),
      ),
      call(
        `an application learns that there is no ${name}`,
        reading.may("s3:ListBucket", thumbnails, { "s3:prefix": name }),
      ),
    ]),
  ];
}

export function forbiddenToApplication(graph: Graph): Call[] {
  const marks = marksOf(graph);
  if (!marks) return [];
  const { may, uploads, uploadsKey, thumbnails, key, jobs, deadLetters } = marks;
  const source = `${uploads}/uploads/kim/a.jpg`;
  const output = `${thumbnails}/thumbnails/kim/a.jpg`;
  return [
    ["reads an upload", may("s3:GetObject", source)] as const,
    ["deletes an upload", may("s3:DeleteObject", source)] as const,
    ["uploads where no rule reads", may("s3:PutObject", `${uploads}/private/a.jpg`)] as const,
    ["lists the uploads", may("s3:ListBucket", uploads, { "s3:prefix": "uploads/" })] as const,
    ["writes a thumbnail", may("s3:PutObject", output, ifNew)] as const,
    ["writes a manifest", may("s3:PutObject", `${thumbnails}/manifests/a.jpg.json`, ifNew)] as const,
    ["deletes a thumbnail", may("s3:DeleteObject", output, ifSame)] as const,
    ["reads an object that is not an output", may("s3:GetObject", `${thumbnails}/other/a.jpg`)] as const,
    ["lists all thumbnails", may("s3:ListBucket", thumbnails)] as const,
    [
      "lists objects that are not outputs",
      may("s3:ListBucket", thumbnails, { "s3:prefix": "other/" }),
    ] as const,
    ["encrypts with the key by itself", may("kms:GenerateDataKey", key)] as const,
    ["encrypts with the uploads' key by itself", may("kms:GenerateDataKey", uploadsKey)] as const,
    ["sends to the queue", may("sqs:SendMessage", jobs)] as const,
    ["receives dead letters", may("sqs:ReceiveMessage", deadLetters)] as const,
  ].map(([what, request]) => call(`an application ${what}`, request));
}
