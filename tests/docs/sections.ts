import { readFile } from "node:fs/promises";
import { expect } from "vitest";

/**
 * Holds a page to what is written between its markers, `<!-- name -->` and `<!-- /name -->`; `vitest -u` writes it.
 * @param sections what belongs there, by the markers' names
 */
export async function expectSections(file: string, sections: Record<string, string>): Promise<void> {
  const page = Object.entries(sections).reduce(
    (text, [name, content]) =>
      text.replace(
        new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`),
        () => `<!-- ${name} -->\n${content}\n<!-- /${name} -->`,
      ),
    await readFile(file, "utf8"),
  );
  for (const content of Object.values(sections)) expect(page).toContain(content);
  await expect(page).toMatchFileSnapshot(file);
}

export const code = (language: string, text: string) => `\`\`\`${language}\n${text.trim()}\n\`\`\``;

export function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
