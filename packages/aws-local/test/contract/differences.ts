import type { endpointKind } from "./endpoint.ts";

/** How another endpoint differs from S3 and SQS, and the tests that show it. */
export interface Difference {
  endpoint: typeof endpointKind;
  instead: string;
  tests: string[];
}

const moto = (instead: string, ...tests: string[]): Difference => ({ endpoint: "moto", instead, tests });
const ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

export const differences: Difference[] = [
  moto(
    "It accepts every signature, and does not check dates, regions, signed headers or the hash of the body.",
    "a request signed with another secret is refused",
    "a request signed with an unknown key is refused",
    "a request signed with another region is refused",
    "a request signed with a clock that is 16 minutes slow is refused",
    "a request signed with a clock that is 16 minutes fast is refused",
    "a request that was changed to another method is refused",
    "a request that was changed to another key is refused",
    "a request that was changed to another query is refused",
    "a request that was changed to another signed header is refused",
    "a request that was changed to an added x-amz header is refused",
    "a body that is not the signed one is refused, and nothing is stored",
    "a presigned URL that has expired is refused",
    "a presigned URL that is not valid yet is refused",
    "a presigned URL that is signed with another secret is refused",
    "a presigned URL that is signed with an unknown key is refused",
    "a presigned URL for longer than a week is refused",
    "signed chunks are refused if a chunk was forged",
    "signed chunks are refused if the trailer was forged",
    "SQS refuses a wrong signature too",
  ),
  moto("Its refusal has an empty body, without an error code.", "a request without a signature is refused"),
  moto(
    "It stores the client's checksum without verifying it, and does not return it for a write.",
    ...ALGORITHMS.map((name) => `a ${name} checksum is verified, kept, and returned on request`),
    ...ALGORITHMS.map((name) => `a wrong ${name} checksum is refused, and nothing is stored`),
    "chunks with a wrong trailing checksum are refused, and nothing is stored",
    "a composite checksum is that of the parts' checksums",
    "a checksum of the full object is verified",
  ),
  moto("It ignores Content-MD5.", "a wrong Content-MD5 is checked", "a malformed Content-MD5 is checked"),
  moto(
    "It accepts chunks of a length other than announced.",
    "chunks of a length other than announced are refused, and nothing is stored",
  ),
  moto(
    "It answers malformed chunks with an internal error.",
    "chunks that end before the last chunk are refused, and nothing is stored",
    "chunks that are not chunks are refused, and nothing is stored",
  ),
  moto("It accepts a body of unknown length.", "a body of unknown length is refused"),
  moto(
    "It waits for the whole body before it checks the request.",
    "a body of more than 5 GiB is refused before it is sent",
    "a write that cannot succeed is refused before its body is sent",
  ),
  moto(
    "It accepts any bucket name that is long enough.",
    ...["UPPER", "a..b", "192.168.0.1", "-dash", "under_score"].map(
      (name) => `the bucket name ${name} is refused`,
    ),
  ),
  moto("It accepts any location.", "a location that is not the server's own is refused"),
  moto("It ignores the expected owner.", "a request that expects another owner is refused"),
  moto(
    "It compares the * of If-Match with the ETag, as text.",
    "If-Match: * deletes an object with any ETag",
    "a read succeeds with If-Match: *",
  ),
  moto(
    "It refuses a read for If-Unmodified-Since even if If-Match holds.",
    "a read succeeds with If-Match over If-Unmodified-Since",
  ),
  moto(
    "It ignores the ETags of DeleteObjects, and deletes.",
    "DeleteObjects only deletes objects with the given ETags",
  ),
  moto(
    "It ignores the conditions of a copy on its target, and If-Match on its source.",
    "a copy can have a condition on what it replaces",
    "a copy of a source with another ETag is refused",
  ),
  moto(
    "It ignores If-None-Match and If-Match when an upload is completed.",
    "the completion of an upload can have a condition on what it replaces",
  ),
  moto("It writes %20 for a space.", "a listing can ask for form encoding"),
  moto(
    "It answers with an internal error.",
    "a continuation token that was made up is refused",
    "an upload that was aborted is gone",
    'the key "new\\nline\\tand\\rreturn" can be written, read, copied, listed and deleted',
  ),
  moto("It checks the sizes of parts before their order.", "parts in another order are refused"),
  moto("It answers NoSuchUpload.", "the part number 0 is refused"),
  moto(
    "It does not check that the unit of a range is bytes.",
    "a range gives everything for an invalid range",
  ),
  moto("It ignores the response-… parameters.", "a reader may override the headers of the answer"),
  moto(
    "It does not have this limit.",
    "a key of more than 1,024 bytes is refused",
    "more than 2 KB of metadata is refused",
  ),
  moto(
    "It lists deleted objects even if it is asked to be quiet.",
    "DeleteObjects deletes each, reports each, and is silent when quiet",
  ),
  moto(
    "Its 404 for a delete marker does not have the header.",
    "a deletion adds a marker and keeps the versions",
  ),
  moto("It answers NoSuchVersion.", "a delete marker cannot be read"),
  moto(
    "It does not report the delete markers that a deletion makes or removes.",
    "the deletion of a marker brings the object back",
    "DeleteObjects reports the markers that it makes and removes",
  ),
  moto(
    "It does not know the version null.",
    "if versioning is suspended, writes replace only the version null",
  ),
  moto("Its test event has no ids, and a time without a zone.", "a new configuration sends a test event"),
  moto(
    "Its events encode the slashes of a key, and have no sequencer, user, source address or request id.",
    "an event describes what was written, in AWS's format",
    "the sequencers of a key increase",
  ),
  moto(
    "It sends an ObjectCreated:Put as well for an upload in parts.",
    "every way to create or delete an object has its event",
  ),
  moto(
    "Its events have no versions, and there are none for delete markers.",
    "with versioning, events have versions, and deletions those of their markers",
  ),
  moto("It does not form-decode filters.", "a filter's special characters are form-encoded"),
  moto(
    "It returns the names of filter rules in lower case.",
    "a configuration is returned as it was set, and can be cleared",
  ),
  moto(
    "It accepts rules that overlap.",
    "two rules for the same events that overlap are refused: no filters",
    "two rules for the same events that overlap are refused: a prefix within a prefix",
    "two rules for the same events that overlap are refused: a suffix within a suffix",
    "two rules for the same events that overlap are refused: a prefix and a suffix",
  ),
  moto(
    "It allows every origin, regardless of the bucket's rules, with the rule's headers.",
    "a preflight answers what a browser may send",
    ...["origin", "method", "header"].map((name) => `a request with another ${name} is not allowed`),
    "a bucket without a configuration allows no other origin",
    "the answer can only be read by the origins of a rule",
    "a page may read the answer to its form if a rule names its origin",
  ),
  moto(
    "It checks only the file size in a form's policy, and not its signature.",
    ...[
      "has expired",
      "has another key",
      "has a key outside of its prefix",
      "has another type",
      "has one of several types wrong",
      "lacks metadata that was signed",
      "has a field that was not signed",
      "was signed for another bucket",
    ].map((fault) => `a form that ${fault} is refused`),
    ...[
      "signed with another secret",
      "signed with an unknown key",
      "signed for another region",
      "without a policy",
      "without a signature",
      "with more than 20 KB before its file",
    ].map((fault) => `a form ${fault} is refused`),
    ...[
      "that is not JSON",
      "without an expiration",
      "with an invalid expiration",
      "without conditions",
      "with two fields in one condition",
    ].map((fault) => `a policy ${fault} is refused`),
  ),
  moto(
    "It accepts bodies that are not a complete form, or answers them with an internal error.",
    "a form without a file is refused",
    "a form without a key is refused",
    "a POST that is not a form is refused",
    "a form that is cut off inside its file is refused, and nothing is stored",
  ),
  moto(
    "It answers a form without the object's ETag and address, and with any status that the form asks for.",
    "a form makes an object with the type, the metadata and the tags of its fields",
    "success_action_status 201 is answered with the object's address as XML",
    "success_action_status 404, which is invalid, is answered with the right status",
    "success_action_redirect sends the browser there, with the object's name",
    "a success_action_redirect that is not a URL is ignored",
  ),
  moto(
    "It reports the sizes of a form's file with other names.",
    "a file that is too large is refused, with both sizes",
    "a file that is too small is refused, with both sizes",
  ),
  moto(
    "It keeps the folders in a file name from Windows.",
    "the variable of the file name gives what follows the last backslash",
  ),
  moto("It reads fields after a form's file.", "fields after a form's file are ignored"),
  moto("It accepts any number of wildcards.", "a rule with two wildcards is refused"),
  moto("It accepts a rule for a missing queue.", "a missing queue is refused"),
  moto(
    "It accepts a change of visibility for a message that is not in flight.",
    "the visibility of a message that is not in flight cannot be changed",
  ),
  moto(
    "Its dead letters do not say which queue they came from.",
    "a message that fails too often goes to the dead letters, unchanged",
  ),
  moto("It answers QueueDoesNotExist.", "a redrive policy to a missing queue is refused"),
  moto(
    "It accepts any text as a message.",
    "an empty message is refused",
    "a message with a control character is refused",
  ),
  moto("It accepts attributes out of their bounds.", "the attributes of a queue can be changed"),
];
