import * as z from 'zod';
import { methods } from '../methods/registry';
import { mergekitSchema, modelReference, settingsSchema } from './schema';
import { parameterByMethods, parameterNames, parameterText } from './vocabulary';

/** The JSON Schema of mergekit configurations, as text: the shape that is read, and every method's parameters with their defaults. */
export function mergekitJsonSchema(): string {
  const schema = z.toJSONSchema(mergekitSchema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema, path }) => {
      if (zodSchema === (settingsSchema as unknown)) {
        delete jsonSchema.anyOf;
        Object.assign(jsonSchema, { type: ['object', 'null'], additionalProperties: false, properties: parameterSchemas() });
      }
      if (zodSchema === (modelReference as unknown)) Object.assign(jsonSchema, { type: ['string', 'object'] });
      if (path.join('/') === 'properties/merge_method') Object.assign(jsonSchema, { enum: methods.map(({ name }) => name), enumDescriptions: methods.map(({ description }) => description) });
    },
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function parameterSchemas(): object {
  return Object.fromEntries(parameterNames.map((name) => {
    const groups = parameterByMethods(name);
    const description = groups.map(({ parameter, methods: names }) => `${names.join(', ')}: ${parameterText(parameter)}${parameter.default === null ? '' : `. Default: ${String(parameter.default)}`}.`).join('\n\n');
    return [name, { description, ...(groups.length === 1 && groups[0]!.parameter.default !== null ? { default: groups[0]!.parameter.default } : {}) }];
  }));
}
