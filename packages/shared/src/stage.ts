/** Stages that `sst remove` and `sst dev` refuse, and whose data is never deleted. */
const retainedStages = ["production", "prod", "staging"];

/** Whether a stage's data outlives it. Every other stage is personal, and is removed with everything in it. */
export function isRetained(stage: string): boolean {
  return retainedStages.includes(stage.toLowerCase());
}

/** The region in the environment, by the variables that AWS's tools read. Undefined if the profile's is used. */
export function namedRegion(variables: Record<string, string | undefined>): string | undefined {
  return variables.AWS_REGION || variables.AWS_DEFAULT_REGION || undefined;
}
