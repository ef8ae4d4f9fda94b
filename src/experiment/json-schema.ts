import * as z from 'zod';
import { experimentSchema } from './schema';

/** The JSON Schema of experiment files, as text, from the schema that reads them. Committed as schemas/experiment.schema.json. */
export function experimentJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(experimentSchema, { io: 'input', target: 'draft-7' }), null, 2)}\n`;
}
