/** The folder in which a command was typed: pnpm runs it in the workspace's own. */
export function whereTyped(): string {
  return process.env.INIT_CWD ?? process.cwd();
}
