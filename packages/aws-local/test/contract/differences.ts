import type { endpointKind } from "./endpoint.ts";

/** What another endpoint does instead of what S3 and SQS do, and the tests that show it. */
export interface Difference {
  endpoint: typeof endpointKind;
  instead: string;
  tests: string[];
}

const moto = (instead: string, ...tests: string[]): Difference => ({ endpoint: "moto", instead, tests });
const ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

export const differences: Difference[] = [
  moto(
    "It takes every signature, and does not look at dates, regions, signed headers or the hash of the body.",
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
    "a presigned URL that is of the future is refused",
    "a presigned URL that is signed with another secret is refused",
    "a presigned URL that is signed with an unknown key is refused",
    "a presigned URL for longer than a week is refused",
    "signed chunks are refused where a chunk was forged",
    "signed chunks are refused where the trailer was forged",
    "SQS refuses a wrong signature too",
  ),
  moto("It refuses with an empty body, without an error code.", "a request without a signature is refused"),
  moto(
    "It keeps a checksum that the client sends as it is, without computing it, and does not answer a write with it.",
    ...ALGORITHMS.map((name) => `a ${name} checksum is verified, kept and given to who asks`),
    ...ALGORITHMS.map((name) => `a wrong ${name} checksum is refused, and nothing is stored`),
    "chunks with a wrong trailing checksum are refused, and nothing is stored",
    "a composite checksum is that of the parts' checksums",
    "a checksum of the full object is verified",
  ),
  moto(
    "It does not look at Content-MD5.",
    "a Content-MD5 that is wrong is answered",
    "a Content-MD5 that is none is answered",
  ),
  moto(
    "It takes chunks of another length than was announced.",
    "chunks of another length than was announced are refused, and nothing is stored",
  ),
  moto(
    "It answers malformed chunks with an internal error.",
    "chunks that end before the last chunk are refused, and nothing is stored",
    "chunks that are not chunks are refused, and nothing is stored",
  ),
  moto("It takes a body of unknown length.", "a body of unknown length is refused"),
  moto(
    "It waits for the whole body before it looks at the request.",
    "a body of more than 5 GiB is refused before it is sent",
    "a write that cannot succeed is refused before its body is sent",
  ),
  moto(
    "It takes any name that is long enough for a bucket.",
    ...["UPPER", "a..b", "192.168.0.1", "-dash", "under_score"].map(
      (name) => `the bucket name ${name} is refused`,
    ),
  ),
  moto("It takes any location.", "a location that is not the server's own is refused"),
  moto("It does not look at the expected owner.", "a request that expects another owner is refused"),
  moto(
    "It compares the * of an If-Match with the ETag.",
    "If-Match: * deletes whatever is there",
    "a read goes through on If-Match of any",
  ),
  moto(
    "It refuses a read for If-Unmodified-Since though If-Match holds.",
    "a read goes through on If-Match over If-Unmodified-Since",
  ),
  moto(
    "It ignores the ETags of DeleteObjects, and deletes.",
    "DeleteObjects deletes only the objects whose ETags are as given",
  ),
  moto(
    "It ignores the conditions of a copy on its target, and If-Match on its source.",
    "a copy can be on condition of what it replaces",
    "a copy of a source of another ETag is refused",
  ),
  moto(
    "It ignores If-None-Match and If-Match when an upload is completed.",
    "an upload can only be completed on condition of what it replaces",
  ),
  moto("It writes %20 for a space.", "a listing can ask for the encoding of a form"),
  moto(
    "It answers with an internal error.",
    "a continuation token that was made up is refused",
    "an upload that was aborted is gone",
    'the key "new\\nline\\tand\\rreturn" can be written, read, copied, listed and deleted',
  ),
  moto("It looks at the sizes of parts before their order.", "parts in another order are refused"),
  moto("It says that there is no such upload.", "the part number 0 is refused"),
  moto("It takes whatever stands before the = for bytes.", "a range gives all of it for what is no range"),
  moto("It ignores the response-… parameters.", "a reader may override the headers of the answer"),
  moto(
    "It has no such bound.",
    "a key of more than 1,024 bytes is refused",
    "more than 2 KB of metadata is refused",
  ),
  moto(
    "It lists what was deleted though it was asked to be quiet.",
    "DeleteObjects deletes each, reports each, and is silent when quiet",
  ),
  moto(
    "It does not tell of a delete marker in the headers of the 404.",
    "a deletion puts a marker over the versions",
  ),
  moto("It says that there is no such version.", "a delete marker cannot be read"),
  moto(
    "It does not tell of the delete markers that a deletion makes or removes.",
    "the deletion of a marker brings the object back",
    "DeleteObjects reports the markers that it makes and removes",
  ),
  moto(
    "It does not know the version null.",
    "where versioning is suspended, writes replace the version null alone",
  ),
  moto("Its test event has no ids, and a time without a zone.", "a new configuration sends a test event"),
  moto(
    "Its events encode the slashes of a key, and have no sequencer, user, source address or request id.",
    "an event says what was written, in AWS's own form",
    "the sequencers of a key increase",
  ),
  moto(
    "It sends an ObjectCreated:Put as well for an upload in parts.",
    "every way to create or delete an object has its event",
  ),
  moto(
    "Its events have no versions, and there are none for delete markers.",
    "with versioning, events tell the version, and deletions their markers",
  ),
  moto("It takes a filter's characters as they are.", "a filter's special characters are those of a form"),
  moto(
    "It gives the names of filter rules back in small letters.",
    "a configuration is given back as it was set, and can be cleared",
  ),
  moto(
    "It takes rules that overlap.",
    "two rules for the same events that overlap are refused: no filters",
    "two rules for the same events that overlap are refused: a prefix within a prefix",
    "two rules for the same events that overlap are refused: a suffix within a suffix",
    "two rules for the same events that overlap are refused: a prefix and a suffix",
  ),
  moto(
    "It answers every origin, whatever the bucket's rules, and with the rule's headers.",
    "a browser is told what it may send",
    ...["origin", "method", "header"].map((name) => `a request of another ${name} is not allowed`),
    "a bucket without a configuration allows no other origin",
    "the answer can be read by the origins of a rule alone",
    "a page may read the answer to its form where a rule names its origin",
  ),
  moto(
    "It looks at a form's policy for nothing but the size of the file, and not at its signature.",
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
      "that is no JSON",
      "without an expiration",
      "with an expiration that is none",
      "without conditions",
      "with two fields in one condition",
    ].map((fault) => `a policy ${fault} is refused`),
  ),
  moto(
    "It takes what is no form, or only a part of one, or answers it with an internal error.",
    "a form without a file is refused",
    "a form without a key is refused",
    "a POST that is no form is refused",
    "a form that is cut off within its file is refused, and nothing is stored",
  ),
  moto(
    "It answers a form without the object's ETag and address, and with any status that is asked for.",
    "a form makes an object with the type, the metadata and the tags of its fields",
    "success_action_status 201 is answered with the object's address as XML",
    "success_action_status 404, which is none of them, is answered so",
    "success_action_redirect sends the browser there, with the object's name",
    "a success_action_redirect that is no address is passed over",
  ),
  moto(
    "It words the sizes of a form's file in another way.",
    "a file that is too large is refused, with both sizes",
    "a file that is too small is refused, with both sizes",
  ),
  moto(
    "It keeps the folders of a name from Windows.",
    "the variable of the file's name gives what follows the last backslash",
  ),
  moto("It reads what follows a form's file.", "what a form holds after its file is passed over"),
  moto("It takes any number of wildcards.", "a rule with two wildcards is refused"),
  moto("It takes a rule for a queue that is not there.", "a queue that is not there is refused"),
  moto(
    "It takes a change of visibility of a message that is not in flight.",
    "the visibility of a message that nobody works on cannot be changed",
  ),
  moto(
    "Its dead letters do not say which queue they came from.",
    "what fails too often goes to the dead letters, as it was",
  ),
  moto("It answers QueueDoesNotExist.", "a redrive policy to a queue that is not there is refused"),
  moto(
    "It takes any text for a message.",
    "an empty message is refused",
    "a message with a control character is refused",
  ),
  moto("It takes attributes out of their bounds.", "the attributes of a queue can be changed"),
];
