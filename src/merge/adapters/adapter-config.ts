import type { LoraAdapter } from '../../checkpoint/lora-adapter';

/**
 * adapter_config.json of a blend whose factors carry all of the update: α = r, so that PEFT's scale is 1, with patterns
 * by whole module path where ranks differ. The rest is the first adapter's.
 * @param ranks by module path
 */
export function blendedConfig(adapters: readonly LoraAdapter[], ranks: ReadonlyMap<string, number>): string {
  const [first] = adapters.map(({ checkpoint: { config } }) => config ?? {});
  const rank = [...ranks.values()].reduce((largest, own) => Math.max(largest, own), 1);
  const others = Object.fromEntries([...ranks].filter(([, own]) => own !== rank));
  const targets = new Set(adapters.map(({ checkpoint: { config } }) => JSON.stringify(config?.target_modules)));
  return `${JSON.stringify({
    ...first,
    peft_type: 'LORA',
    r: rank,
    lora_alpha: rank,
    rank_pattern: others,
    alpha_pattern: others,
    use_rslora: false,
    init_lora_weights: true,
    inference_mode: true,
    target_modules: targets.size === 1 && first.target_modules ? first.target_modules : [...ranks.keys()],
  }, null, 2)}\n`;
}
