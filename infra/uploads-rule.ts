import { eventPattern } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";
import { prefix } from "./names.ts";
import { readStage } from "./stage.ts";

const { uploads } = readStage($app.stage);

/** Picks the events of a bucket that exists out of the account's. Whose notifications it has is left as it is. */
export const uploadsRule =
  uploads &&
  new aws.cloudwatch.EventRule("UploadsRule", {
    name: $interpolate`${prefix}-uploads`,
    description: `An upload to ${uploads.bucket} has arrived, is gone, or was restored.`,
    eventPattern: eventPattern(uploads.bucket, config.rules),
  });
