/** What we use of every client of the SDK: the middleware that each call passes through. */
interface Client {
  config: { serviceId: string };
  middlewareStack: {
    add(
      middleware: (
        next: (args: never) => Promise<unknown>,
        context: { commandName?: string },
      ) => (args: never) => Promise<unknown>,
      options: { step: "initialize"; name: string },
    ): void;
  };
}

/** Calls that IAM knows by another name. */
const iamNames: Record<string, string> = {
  "eventbridge:DescribeRule": "events:DescribeRule",
  "eventbridge:ListTargetsByRule": "events:ListTargetsByRule",
  "s3:ListObjectsV2": "s3:ListBucket",
  "s3:HeadBucket": "s3:ListBucket",
  "s3:HeadObject": "s3:GetObject",
  "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
  "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
  "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
  "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
  "s3:GetBucketCors": "s3:GetBucketCORS",
  "sqs:SendMessageBatch": "sqs:SendMessage",
  "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
  "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
};

function actionOf(serviceId: string, command: string): string {
  const service = serviceId === "CloudWatch Logs" ? "logs" : serviceId.toLowerCase();
  return iamNames[`${service}:${command}`] ?? `${service}:${command}`;
}

/** A call that AWS refused, with the name that IAM knows it by. */
class Refused extends Error {
  override readonly name = "Refused";
  readonly action: string;

  constructor(action: string, cause: unknown) {
    super(`${action} was refused.`, { cause });
    this.action = action;
  }
}

const DENIED = /^(AccessDenied|AccessDeniedException|AuthorizationError|KMS\.AccessDeniedException)$/;

/** A HEAD is answered without a body, and so without the name of the error. */
const NAMELESS = /^(Forbidden|403|Unknown\w*)$/;

/** Makes a client name the action that AWS refuses. S3 itself says only "Access Denied". */
export function withActions<C extends object>(client: C): C {
  const { config, middlewareStack } = client as unknown as Client;
  middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          const isNameless = NAMELESS.test(nameOf(error)) && statusOf(error) === 403;
          if (!DENIED.test(nameOf(error)) && !isNameless) throw error;
          throw new Refused(actionOf(config.serviceId, commandName.replace(/Command$/, "")), error);
        }
      },
    { step: "initialize", name: "withActions" },
  );
  return client;
}

const UNKNOWN_CALLER =
  /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature)$/;

/** How the label of a local pipeline begins. */
const LOCAL = /^the local pipeline at /;

/** What each error means for the user, and what to do next. */
const meanings: { names: RegExp; say(error: Error, label: string): string }[] = [
  {
    names: /^(CredentialsProviderError|CredentialsError)$/,
    say: () =>
      "Found no AWS credentials. Run `aws sso login` and set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
  },
  {
    names: /^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired|RequestExpired)$/,
    say: () => "The AWS credentials have expired. Run `aws sso login`, or get new ones, and try again.",
  },
  {
    names: UNKNOWN_CALLER,
    say: (error) =>
      `AWS does not know these credentials (${error.name}). To see which ones are used: aws sts get-caller-identity`,
  },
  {
    names: /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/,
    say: (error, label) =>
      `${label} is in another region than its outputs say (${error.message}). Deploy again with the AWS_REGION it was created in.`,
  },
  {
    names:
      /^(NoSuchBucket|QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue|ResourceNotFoundException)$/,
    say: (error, label) =>
      LOCAL.test(label)
        ? `${error.message} (${error.name}). Restart \`pnpm local\`: it creates the missing buckets and queues.`
        : `${label} does not match its outputs (${error.name}: ${error.message}). Check that you are in the right account (\`aws sts get-caller-identity\`) and that it is still deployed (\`pnpm sst deploy\`).`,
  },
  {
    names: /^(ECONNREFUSED|ENOTFOUND|ECONNRESET|TimeoutError)$/,
    say: (error, label) =>
      LOCAL.test(label)
        ? `Nothing answers at ${label.replace(LOCAL, "")}. Start \`pnpm local\` in another terminal, or pass its address with --endpoint.`
        : `Could not reach AWS (${error.message}). Check the network, AWS_REGION and AWS_ENDPOINT_URL.`,
  },
];

/** The error as a sentence that says what to do next, if we know. */
export function advice(error: unknown, label = "It"): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof Refused) {
    const cause = error.cause instanceof Error ? error.cause.message : "";
    return new Error(
      `AWS refused ${error.action}: ${cause || "Access Denied"}. Use a role that allows it, or ask the administrator of this account.`,
      { cause: error },
    );
  }
  const names = [nameOf(error), (error as NodeJS.ErrnoException).code ?? ""];
  const meaning = meanings.find(({ names: known }) => names.some((name) => known.test(name)));
  return meaning ? new Error(meaning.say(error, label), { cause: error }) : error;
}

/** The name of an error from AWS, even if it was wrapped on the way here. */
export function nameOf(error: unknown): string {
  if (error instanceof Refused) return nameOf(error.cause);
  return error instanceof Error ? error.name : "";
}

/** The action that AWS refused, if that is what the error says. */
export function refusedAction(error: unknown): string | undefined {
  return error instanceof Refused ? error.action : undefined;
}

export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}
