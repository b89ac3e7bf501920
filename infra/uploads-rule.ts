import { eventPattern } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";
import { prefix } from "./names.ts";
import { readStage } from "./stage.ts";

const { uploads } = readStage($app.stage);

/** Selects the events of a bucket that exists. The notifications that the bucket has are not changed. */
export const uploadsRule =
  uploads &&
  new aws.cloudwatch.EventRule("UploadsRule", {
    name: $interpolate`${prefix}-uploads`,
    description: `An upload to ${uploads.bucket} has arrived, is gone, or was restored.`,
    eventPattern: eventPattern(uploads.bucket, config.rules),
  });
