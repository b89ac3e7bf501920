import { key } from "./encryption.ts";
import { readStage } from "./stage.ts";

const stage = readStage($app.stage);

const alias = new aws.kms.Alias("KeyAlias", { name: `alias/${stage.prefix}`, targetKeyId: key.keyId });

/**
 * The prefix of names that must be unique in the account. AWS would let another deployment with the same prefix ("a-b" in
 * stage "c", and "a" in stage "b-c") overwrite our alarms and dashboard, but it refuses a second alias of the same name.
 * So names are derived from the alias: nothing with such a name is made if the alias belongs to another deployment.
 */
export const prefix = alias.name.apply((name) => name.slice("alias/".length));
