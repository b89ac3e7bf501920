/** SQS's errors: the name in the JSON protocol, and the code for older clients. */
const ERRORS = {
  BatchEntryIdsNotDistinct: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
  BatchRequestTooLong: "AWS.SimpleQueueService.BatchRequestTooLong",
  EmptyBatchRequest: "AWS.SimpleQueueService.EmptyBatchRequest",
  InvalidAttributeName: "InvalidAttributeName",
  InvalidMessageContents: "InvalidMessageContents",
  InvalidParameterValueException: "InvalidParameterValue",
  MessageNotInflight: "AWS.SimpleQueueService.MessageNotInflight",
  MissingRequiredParameterException: "MissingParameter",
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  QueueNameExists: "QueueAlreadyExists",
  ReceiptHandleIsInvalid: "ReceiptHandleIsInvalid",
  TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  UnsupportedOperation: "AWS.SimpleQueueService.UnsupportedOperation",
} as const;

export class SqsError extends Error {
  readonly shape: keyof typeof ERRORS;
  readonly queryCode: string;
  readonly status: number;

  constructor(shape: keyof typeof ERRORS, message: string) {
    super(message);
    this.name = "SqsError";
    this.shape = shape;
    this.queryCode = ERRORS[shape];
    this.status = shape === "UnsupportedOperation" ? 501 : 400;
  }
}
