/** Stages that outlive their makers: `sst remove` and `sst dev` refuse them, and their data is never deleted. */
const retainedStages = ["production", "prod", "staging"];

/** Whether a stage's data is kept for good. Every other stage is personal. */
export function isRetained(stage: string): boolean {
  return retainedStages.includes(stage.toLowerCase());
}

/** The region that the environment names, as every AWS tool reads it. None where the profile's is to decide. */
export function namedRegion(variables: Record<string, string | undefined>): string | undefined {
  return variables.AWS_REGION || variables.AWS_DEFAULT_REGION || undefined;
}
