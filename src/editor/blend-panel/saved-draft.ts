import type { BlendDraft } from '../../merge/blend-draft';
import { isBlendDraft } from '../../protocol/blend-panel';

/** The draft in a page's saved state; null where it is missing or of another version. */
export function savedDraft(state: unknown): BlendDraft | null {
  const { version, draft } = (state ?? {}) as { readonly version?: unknown; readonly draft?: unknown };
  return version === 1 && isBlendDraft(draft) && draft.inputs.length > 0 ? draft : null;
}
