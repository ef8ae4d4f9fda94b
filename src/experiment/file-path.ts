import * as z from 'zod';

const filePaths = z.registry<{ readonly isFilePath: true }>();

/** Marks a schema as that of a path relative to the file that it stands in, for editors to follow. */
export function markFilePath<S extends z.ZodType>(schema: S): S {
  filePaths.add(schema, { isFilePath: true });
  return schema;
}

/** A path relative to the file that it stands in. */
export const filePath = markFilePath(z.string().min(1));

/** Whether a text that a schema reads is such a path. */
export function isFilePath(schema: z.ZodType): boolean {
  const { innerType, options } = schema.def as { readonly innerType?: z.ZodType; readonly options?: readonly z.ZodType[] };
  return filePaths.get(schema) !== undefined || (innerType !== undefined && isFilePath(innerType)) || (options ?? []).some(isFilePath);
}
