import { SoupError } from '../errors';

export function unsupportedModel(where: string, what: string, advice: string): SoupError {
  return new SoupError('UnsupportedModelError', `${where}: ${what} is not supported — ${advice}`);
}

export function invalidConfig(where: string, key: string, expected: string, found: unknown): SoupError {
  return new SoupError('InvalidModelConfigError', `${where}: ${key} has to be ${expected}, got ${JSON.stringify(found) ?? 'nothing'} — compare it with the model's original config.json`);
}

export function weightMismatch(where: string, what: string): SoupError {
  return new SoupError('WeightMismatchError', `${where}: ${what} — config and weights belong to different models, or the file is incomplete; nothing was loaded`);
}

export function missingTokenizer(directory: string): SoupError {
  return new SoupError('MissingTokenizerError', `${directory}: has no tokenizer.json — copy it from the base model, or save it there with tokenizer.save_pretrained`);
}

export function missingChatTemplate(directory: string): SoupError {
  return new SoupError('MissingChatTemplateError', `${directory}: its tokenizer has no chat template — use plain prompts, or an instruction-tuned model`);
}

export function adapterMismatch(where: string, what: string): SoupError {
  return new SoupError('AdapterMismatchError', `${where}: ${what} — open the adapter on the base model that it was trained on`);
}

export function unsupportedAdapter(where: string, what: string): SoupError {
  return new SoupError('UnsupportedAdapterError', `${where}: ${what} is not supported — merge the adapter into its base with PEFT (merge_and_unload) and open that`);
}

export function unknownTarget(targets: readonly string[], available: readonly string[]): SoupError {
  return new SoupError('UnknownLoraTargetError', `LoRA targets ${targets.join(', ')}: no linear layer is named so — this model has ${available.join(', ')}`);
}
