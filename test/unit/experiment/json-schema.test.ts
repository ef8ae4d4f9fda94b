import { readFileSync } from 'node:fs';
import path from 'node:path';
import { experimentJsonSchema } from '../../../src/experiment/json-schema';
import { parseExperiment } from '../../../src/experiment/parse';
import { mergekitJsonSchema } from '../../../src/merge/mergekit/json-schema';

const root = path.join(__dirname, '..', '..', '..');

test.each([['experiment', experimentJsonSchema], ['mergekit', mergekitJsonSchema]])('the committed JSON Schema of %s files is that of the code (node scripts/schema.mjs writes it)', (name, make) => {
  expect(readFileSync(path.join(root, 'schemas', `${name}.schema.json`), 'utf8')).toBe(make());
});

test('every key has a description, for it is the hover text', () => {
  const undescribed: string[] = [];
  const visit = (schema: { properties?: Record<string, { description?: string; properties?: never }>; additionalProperties?: unknown; items?: unknown }, place: string) => {
    for (const [key, value] of Object.entries(schema.properties ?? {})) {
      if (!value.description) undescribed.push(`${place}.${key}`);
      visit(value, `${place}.${key}`);
    }
    for (const inner of [schema.additionalProperties, schema.items]) if (typeof inner === 'object' && inner !== null) visit(inner, `${place}.*`);
  };
  visit(JSON.parse(experimentJsonSchema()) as never, '');
  expect(undescribed).toEqual([]);
});

test.each([['examples/locomotion/soup.yaml', [undefined, 'full']], ['examples/summary/soup.yaml', [undefined, 'quick', 'smoke']], ['test/fixtures/tiny/soup.yaml', [undefined]]])('%s is right', (file, variants) => {
  for (const variant of variants) expect(parseExperiment(readFileSync(path.join(root, file), 'utf8'), { variant }).diagnostics).toEqual([]);
});
