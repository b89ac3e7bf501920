import { key } from "./encryption.ts";
import { readStage } from "./stage.ts";

const stage = readStage($app.stage);

const alias = new aws.kms.Alias("KeyAlias", { name: `alias/${stage.prefix}`, targetKeyId: key.keyId });

/**
 * Begins the names that have to be ours in the account. AWS would let a second deployment of the same names overwrite
 * our alarms and dashboard ("a-b" in stage "c", and "a" in stage "b-c"), but it makes an alias only once: whatever takes
 * its name from the alias is not made where the alias is another's.
 */
export const prefix = alias.name.apply((name) => name.slice("alias/".length));
