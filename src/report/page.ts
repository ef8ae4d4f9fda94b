/** A chart with what it says and its numbers. */
export interface Section {
  readonly file: string;
  readonly heading: string;
  readonly svg: string;
  readonly note: string;
  readonly table: readonly (readonly string[])[];
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Text as HTML. */
export const escape = (text: string) => text.replace(/[&<>"]/g, (character) => escapes[character]);
/** A table, header first. */
export function table([header, ...rows]: readonly (readonly string[])[]): string {
  const cell = (tag: string) => (text: string) => `<${tag}>${escape(text)}</${tag}>`;
  return `<table><thead><tr>${header.map(cell('th')).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('')}</tbody></table>`;
}

export function sectionHtml({ heading, svg, note, table: rows }: Section): string {
  return `<section><h2>${escape(heading)}</h2><p>${escape(note)}</p><figure>${svg}</figure><details><summary>Table</summary>${table(rows)}</details></section>`;
}

/** A whole page, self-contained. @param parts HTML of its body, in order */
export function page(title: string, parts: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2328; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.verdict { padding: .8rem 1rem; border-left: 4px solid #0072b2; background: #f6f8fa; white-space: pre-wrap }
figure { margin: 1rem 0; overflow-x: auto } figure svg { max-width: 100%; height: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; overflow-x: auto }
th, td { text-align: left; padding: .25rem .7rem; border-bottom: 1px solid #d8dee4 }
summary { cursor: pointer }
</style></head><body>
<h1>${escape(title)}</h1>
${parts.join('\n')}
</body></html>
`;
}
