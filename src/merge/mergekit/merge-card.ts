import { stringify } from 'yaml';
import { cardName } from '../model-card';
import type { SoupRecord } from '../provenance';

/** Hugging Face model card of a merge, in mergekit's form, with the configuration as it was given. */
export function mergeCard(name: string, { inputs, method, seed, toolVersion }: SoupRecord, configuration: string): string {
  const front = stringify({ base_model: inputs.map(({ path }) => cardName(path)), tags: ['mergekit', 'merge', 'rewarded-soups'] });
  const rows = inputs.map(({ name: model, sha256 }) => `| ${model.replaceAll('|', '\\|')} | \`${sha256}\` |`);
  return `---
${front}---
# ${name}

A merge of pre-trained models by the method ${method}${seed ? `, seed ${seed}` : ''}.

| model | SHA-256 |
|---|---|
${rows.join('\n')}

\`\`\`yaml
${configuration.trimEnd()}
\`\`\`

Made by rewarded-soups ${toolVersion}; \`soup.json\` has the full provenance.
`;
}
