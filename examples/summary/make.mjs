// Writes the corpus, the prompts and the tokenizer of this example. Every sentence is put together here from a small
// grammar, so the texts belong to nobody.
//   node examples/summary/make.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const [corpusLines, promptLines] = [1600, 240];

const words = {
  name: 'anna ben clara david emma felix greta henry ida jonas karla leo maria noah olga paul'.split(' '),
  verb: 'bought sold found lost painted cleaned carried borrowed repaired moved'.split(' '),
  adjective: 'old new red green heavy small broken wooden'.split(' '),
  object: 'boat chair lamp bicycle table clock radio ladder basket mirror kettle guitar'.split(' '),
  place: ['in the garden', 'at the market', 'near the river', 'behind the school', 'on the bridge', 'in the kitchen', 'at the station', 'by the lake'],
  day: 'monday tuesday wednesday thursday friday saturday sunday'.split(' '),
};

/** Mulberry32: the same files every time. */
let state = 7;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const pick = (list) => list[Math.floor(random() * list.length)];

const event = () => Object.fromEntries(Object.entries(words).map(([kind, list]) => [kind, pick(list)]));
const sentence = ({ name, verb, adjective, object, place, day }) => `${name} ${verb} the ${adjective} ${object} ${place} on ${day} .`;
/** From three words an event to nearly all of it. */
const styles = [
  ({ name, verb, object }) => `${name} ${verb} ${object}`,
  ({ name, verb, object, place }) => `${name} ${verb} the ${object} ${place}`,
  ({ name, verb, adjective, object, place, day }) => `${name} ${verb} the ${adjective} ${object} ${place} on ${day}`,
];
const summaryOf = (events, style) => `${events.map(styles[style]).join(' and ')} .`;
const report = () => {
  const events = [event(), event()];
  return { events, source: events.map(sentence).join(' ') };
};
const promptOf = (source) => `${source} summary :`;

const corpus = Array.from({ length: corpusLines }, () => {
  const { events, source } = report();
  const told = random() < 0.3 ? events.slice(0, 1) : events;
  return `${promptOf(source)} ${summaryOf(told, Math.floor(random() * styles.length))}`;
});
const prompts = Array.from({ length: promptLines }, () => {
  const { events, source } = report();
  return JSON.stringify({ prompt: promptOf(source), source, reference: summaryOf(events, 1) });
});

const vocabulary = ['[PAD]', '[UNK]', '[END]', ...new Set([...Object.values(words).flat().flatMap((text) => text.split(' ')), 'the', 'on', 'and', 'summary', ':', '.'])];
const special = (id) => ({ id, content: vocabulary[id], single_word: false, lstrip: false, rstrip: false, normalized: false, special: true });
const tokenizer = {
  version: '1.0', truncation: null, padding: null, added_tokens: [0, 1, 2].map(special), normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' }, post_processor: null, decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])) },
};
const tokenizerConfig = { tokenizer_class: 'PreTrainedTokenizerFast', eos_token: '[END]', pad_token: '[PAD]', unk_token: '[UNK]' };

mkdirSync(path.join(here, 'tokenizer'), { recursive: true });
const write = (name, text) => writeFileSync(path.join(here, name), `${text}\n`);
write('corpus.txt', corpus.join('\n'));
write('prompts.jsonl', prompts.join('\n'));
write(path.join('tokenizer', 'tokenizer.json'), JSON.stringify(tokenizer, null, 1));
write(path.join('tokenizer', 'tokenizer_config.json'), JSON.stringify(tokenizerConfig, null, 1));
process.stdout.write(`${corpusLines} texts, ${promptLines} prompts, ${vocabulary.length} words\n`);
