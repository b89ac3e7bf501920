/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app({ stage: name }) {
    const { readStage } = await import("./infra/stage.ts");
    const stage = readStage(name);
    return {
      name: stage.app,
      version: "3.19.3",
      home: "aws",
      removal: stage.retained ? "retain" : "remove",
      protect: stage.retained,
      // If the region is undefined, SST uses the profile's. It also tags everything with its app and stage.
      providers: { aws: { region: stage.region, allowedAccountIds: stage.allowedAccountIds } },
    };
  },

  async run() {
    process.env.AWS_REGION = $app.providers?.aws.region;
    const { readStage } = await import("./infra/stage.ts");
    const stage = readStage($app.stage);
    if ($dev && stage.retained) {
      throw new Error(
        `"sst dev" would replace the function of ${stage.name} with a stub. Use a stage of your own.`,
      );
    }

    // Transforms come first: they only apply to resources that are made after them.
    await import("./infra/transforms/refusals.ts");
    await import("./infra/transforms/defaults.ts");
    await import("./infra/transforms/links.ts");
    await import("./infra/transforms/policies.ts");
    await import("./infra/transforms/locks.ts");
    await import("./infra/transforms/one-each.ts");
    const { key } = await import("./infra/encryption.ts");
    await import("./infra/names.ts");
    const { uploads, thumbnails } = await import("./infra/buckets.ts");
    const { cdnUrl, distributionArn } = await import("./infra/cdn.ts");
    await import("./infra/application.ts");
    const { uploadsRule } = await import("./infra/uploads-rule.ts");
    const { queue, deadLetters } = await import("./infra/queue.ts");
    const { subscriber } = await import("./infra/subscriber.ts");
    const { alarmKey } = await import("./infra/alarm-key.ts");
    const { topic } = await import("./infra/topic.ts");
    await import("./infra/budget.ts");
    const { canary } = await import("./infra/canary.ts");
    await import("./infra/alarms.ts");
    const { dashboardUrl } = await import("./infra/dashboard.ts");

    return {
      stage: stage.name,
      region: stage.region,
      uploadsBucket: uploads.name,
      ...(uploadsRule && { uploadsRuleName: uploadsRule.name }),
      ...(stage.uploads?.keyArn && { uploadsKeyArn: stage.uploads.keyArn }),
      thumbnailsBucket: thumbnails.name,
      queueUrl: queue.url,
      deadLetterQueueUrl: deadLetters.url,
      functionName: subscriber.name,
      keyArn: key.arn,
      alarmTopicArn: topic.arn,
      alarmKeyArn: alarmKey.arn,
      ...(canary && { canaryFunctionName: canary.name }),
      dashboardUrl,
      ...(stage.cdn && { cdnUrl, distributionArn }),
    };
  },
});
