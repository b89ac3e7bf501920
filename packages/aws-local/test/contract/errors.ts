import { S3ServiceException } from "@aws-sdk/client-s3";
import { SQSServiceException } from "@aws-sdk/client-sqs";

/** The status and the code with which a service refused a request. Throws if it did not refuse. */
export async function refusal(answer: Promise<unknown>): Promise<[status: number | undefined, code: string]> {
  const error: unknown = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof S3ServiceException || error instanceof SQSServiceException) {
    return [error.$metadata.httpStatusCode, error.name];
  }
  throw new Error(`Expected the service to refuse but received ${error ?? "success"}.`, { cause: error });
}
