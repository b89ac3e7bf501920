import type { ConfigView } from "../view.ts";

/** Why the configuration that was saved is not in use. */
export function ConfigError({ config: { file, error } }: { config: ConfigView }) {
  if (!error) return null;
  return (
    <section class="alert" aria-labelledby="config-error">
      <h2 id="config-error">{file} has a mistake: the previous version stays in use</h2>
      <pre>{error}</pre>
    </section>
  );
}
