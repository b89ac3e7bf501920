/** What becomes of SST's components beside this application. Each is in one row. */
export const components = [
  {
    names: ["Bucket", "Queue", "SnsTopic", "KinesisStream"],
    what: "Under the key, closed, no plain HTTP (a stream has none). A link gives the right to the key, through the one service. `subscribe`, `subscribeQueue` and `notify` work, for this account alone.",
  },
  {
    names: ["Function", "Cron", "Bus", "StepFunctions"],
    what: 'Environment and logs under the key. A function\'s role trusts Lambda alone, and its URL asks for a signature, unless the code says `authorization: "none"`. What they send to queues and topics is encrypted; EventBridge to a topic is refused.',
  },
  {
    names: ["StaticSite"],
    what: 'Served by CloudFront from a bucket under the key, as is any with `access: "cloudfront"`: to distributions of this account alone. `access: "public"` is refused.',
  },
  {
    names: [
      ...["Analog", "Astro", "Nextjs", "Nuxt", "React", "Remix", "SolidStart", "SvelteKit", "TanStackStart"],
      ...["Router", "Cdn", "ApiGatewayV1", "ApiGatewayV2", "ApiGatewayWebSocket", "AppSync"],
      ...["Auth", "OpenControl", "Realtime", "Service"],
    ],
    what: "There to be reached: as open as SST makes them. Their buckets, queues, logs and functions' environments are as above.",
  },
  {
    names: ["Dynamo", "Aurora", "Postgres", "Mysql", "Redis", "Efs", "OpenSearch", "Vector"],
    what: "**Not covered.** As SST makes them: encrypted with keys of AWS's own, DynamoDB for whoever IAM lets in, the others in your VPC. DynamoDB answers plain HTTP, if it is asked so.",
  },
  {
    names: ["Email"],
    what: "Its events to a topic are refused: Amazon SES may not use the key.",
  },
  {
    names: ["Cluster", "Task", "Vpc", "CognitoIdentityPool", "CognitoUserPool", "DnsValidatedCertificate"],
    what: "**Not covered.** As SST makes them. What they link brings its right to the key.",
  },
];
