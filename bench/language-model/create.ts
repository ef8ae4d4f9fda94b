// Writes the model that both engines open: GPT-2 of 4 layers, width 128, 1,024 tokens, 64 positions.
//   node create.js DIRECTORY
import { openBackend } from '../../src/trainer/backend/backend';
import { trainBytePairs, writeBytePairTokenizer } from '../../src/trainer/models/language/byte-pair-encoding';
import { createLanguageModel } from '../../src/trainer/models/language/open';

async function main(directory: string): Promise<void> {
  await writeBytePairTokenizer(directory, trainBytePairs([], 0, ['<|endoftext|>']));
  const config = { architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', vocab_size: 1024, n_embd: 128, n_layer: 4, n_head: 4, n_positions: 64, bos_token_id: 0, eos_token_id: 0, attn_pdrop: 0, embd_pdrop: 0, resid_pdrop: 0 };
  const model = await createLanguageModel(await openBackend('wasm'), { config, tokenizerDirectory: directory, seed: 1 });
  await model.save(directory);
}

void main(process.argv[2]!);
