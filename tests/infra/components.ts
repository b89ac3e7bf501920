/** How SST's components are protected in this application. Each is in one row. */
export const components = [
  {
    names: ["Bucket", "Queue", "SnsTopic", "KinesisStream"],
    what: "Under the key, closed, no plain HTTP (a stream has none). A link includes the permission to use the key, through that service. `subscribe`, `subscribeQueue` and `notify` work, only for this account.",
  },
  {
    names: ["Function", "Cron", "Bus", "StepFunctions"],
    what: 'Environment and logs under the key. A function\'s role trusts only Lambda, and its URL requires a signature, unless the code says `authorization: "none"`. What they send to queues and topics is encrypted; EventBridge to a topic is refused.',
  },
  {
    names: ["StaticSite"],
    what: 'Served by CloudFront from a bucket under the key, as is any with `access: "cloudfront"`: only to distributions of this account. `access: "public"` is refused.',
  },
  {
    names: [
      ...["Analog", "Astro", "Nextjs", "Nuxt", "React", "Remix", "SolidStart", "SvelteKit", "TanStackStart"],
      ...["Router", "Cdn", "ApiGatewayV1", "ApiGatewayV2", "ApiGatewayWebSocket", "AppSync"],
      ...["Auth", "OpenControl", "Realtime", "Service"],
    ],
    what: "Meant to be public: as open as SST makes them. Their buckets, queues, logs and functions' environments are as above.",
  },
  {
    names: ["Dynamo", "Aurora", "Postgres", "Mysql", "Redis", "Efs", "OpenSearch", "Vector"],
    what: "**Not covered.** As SST makes them: encrypted with AWS's keys; DynamoDB open to whom IAM allows, the others in your VPC. DynamoDB also answers over plain HTTP.",
  },
  {
    names: ["Email"],
    what: "Its events to a topic are refused: Amazon SES may not use the key.",
  },
  {
    names: ["Cluster", "Task", "Vpc", "CognitoIdentityPool", "CognitoUserPool", "DnsValidatedCertificate"],
    what: "**Not covered.** As SST makes them. What they link includes the permission to use the key.",
  },
];
