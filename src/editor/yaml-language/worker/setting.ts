import { openCheckpoint } from '../../../checkpoint/checkpoint';
import type { Position } from '../../../experiment/yaml-source';
import { locateModel } from '../../../merge/mergekit/models';
import { modelsOf, type ModelTensors } from '../../../merge/mergekit/output-tensors';
import { parseMergekit } from '../../../merge/mergekit/parse';
import { resolveParameters, settingAt, usesOf } from '../../../merge/mergekit/resolve';
import type { MergekitConfig } from '../../../merge/mergekit/schema';
import { summaryOfUses } from '../../mergekit-language/setting-hover';
import type { LanguageResults } from './work';

/** Which tensors get their value from a place of a configuration, or why that cannot be told; null where no setting stands there. */
export async function settingUses(text: string, at: Position, directory: string): Promise<LanguageResults['setting']> {
  const place = settingAt(text.replaceAll('\r\n', '\n'), at);
  const { config } = parseMergekit(text);
  if (!place || !config) return null;
  try {
    return summaryOfUses(usesOf(resolveParameters(config, await tensorsOf(config, directory)), place));
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** Names of every model's tensors, from its headers. */
async function tensorsOf(config: MergekitConfig, directory: string): Promise<ModelTensors> {
  const models = modelsOf(config).map(async (model) => [model, new Set((await openCheckpoint(await locateModel(model, directory))).tensors.keys())] as const);
  return new Map(await Promise.all(models));
}
