import type { KeyFacts } from '../../experiment/schema-at';

/** Words of the editor's language that facts are told with. */
export interface FactWords {
  readonly default: string;
  readonly oneOf: string;
}

/** What is said of a key: description, default and values, as Markdown. */
export function factsText(name: string, facts: KeyFacts, words: FactWords): string {
  const parts = [`**${name}**`, facts.description ?? ''];
  if (facts.default !== undefined && typeof facts.default !== 'object') parts.push(`${words.default}: \`${String(facts.default)}\``);
  if (facts.default === null) parts.push(`${words.default}: \`null\``);
  if (facts.values.length > 0) parts.push(`${words.oneOf}: ${facts.values.map((value) => `\`${String(value)}\``).join(', ')}`);
  return parts.filter((part) => part !== '').join('\n\n');
}
